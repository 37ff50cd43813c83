-- The text with its umlauts written out, as people type them who have no such keys.
CREATE OR REPLACE FUNCTION search_spell_umlauts(p_text text) RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT replace(replace(replace(replace(replace(replace(
    p_text, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'Ä', 'Ae'), 'Ö', 'Oe'), 'Ü', 'Ue')
$$;
