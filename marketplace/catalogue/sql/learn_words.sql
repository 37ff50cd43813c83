CREATE OR REPLACE FUNCTION learn_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_word (word, lexeme)
  SELECT w.word, stem.lexeme
    FROM (SELECT DISTINCT unnest(regexp_split_to_array(
                   lower(unaccent(concat_ws(' ', f.name, spelled_out(f.name), f.manufacturer))), '[^a-z]+')) AS word
            FROM fresh f) w,
         LATERAL (SELECT (ts_lexize('german_stem', w.word))[1] AS lexeme) stem
   WHERE length(w.word) BETWEEN 3 AND 60 AND stem.lexeme IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM search_word known WHERE known.word = w.word)
   ORDER BY w.word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
