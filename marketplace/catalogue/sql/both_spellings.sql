CREATE OR REPLACE FUNCTION both_spellings(p_text text) RETURNS tsvector LANGUAGE sql STABLE AS $$
  SELECT to_tsvector('german_plain', p_text)
      || CASE WHEN p_text ~ '[äöüÄÖÜ]' THEN to_tsvector('german_plain', spelled_out(p_text)) ELSE ''::tsvector END
$$;
