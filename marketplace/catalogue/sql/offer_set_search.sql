-- Fills the column that the search reads: name (A), maker and attributes (B), description and ingredients (D).
CREATE OR REPLACE FUNCTION offer_set_search() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  v_attributes text;
BEGIN
  SELECT string_agg(a.value #>> '{}', ' ') INTO v_attributes FROM jsonb_each(NEW.attributes) a;
  NEW.search :=
       setweight(search_vector(NEW.name), 'A')
    || setweight(search_vector(concat_ws(' ', NEW.manufacturer, v_attributes)), 'B')
    || setweight(search_vector(left(concat_ws(' ', NEW.description, NEW.ingredients), 20000)), 'D');
  RETURN NEW;
END
$$;
