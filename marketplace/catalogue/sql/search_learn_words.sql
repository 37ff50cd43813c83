-- Remembers new words of names and makers with their stem, for the search that forgives typing errors. Decision 0401.
CREATE OR REPLACE FUNCTION search_learn_words() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO search_word (word, lexeme)
  SELECT w.word, stem.lexeme
    FROM (
         SELECT DISTINCT unnest(regexp_split_to_array(
                  lower(unaccent(concat_ws(' ', f.name, search_spell_umlauts(f.name), f.manufacturer))),
                  '[^a-z]+'
                )) AS word
           FROM fresh f
         ) w
   CROSS JOIN LATERAL (SELECT (ts_lexize('german_stem', w.word))[1] AS lexeme) stem
   WHERE length(w.word) BETWEEN 3 AND 60
     AND stem.lexeme IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM search_word known WHERE known.word = w.word)
   ORDER BY w.word  -- the same order everywhere: two imports at once do not wait for each other in a circle
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
