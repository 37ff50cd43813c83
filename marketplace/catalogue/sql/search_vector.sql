-- The words of a text for the search: as written, and with umlauts written out when it has some. Decision 0401.
CREATE OR REPLACE FUNCTION search_vector(p_text text) RETURNS tsvector
LANGUAGE sql
STABLE
AS $$
  SELECT to_tsvector('german_plain', p_text)
      || CASE
           WHEN p_text ~ '[äöüÄÖÜ]' THEN to_tsvector('german_plain', search_spell_umlauts(p_text))
           ELSE ''::tsvector
         END
$$;
