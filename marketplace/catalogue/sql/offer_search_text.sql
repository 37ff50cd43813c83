CREATE OR REPLACE FUNCTION offer_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search :=
       setweight(both_spellings(NEW.name), 'A')
    || setweight(both_spellings(concat_ws(' ', NEW.manufacturer,
         (SELECT string_agg(a.value #>> '{}', ' ') FROM jsonb_each(NEW.attributes) a))), 'B')
    || setweight(both_spellings(left(concat_ws(' ', NEW.description, NEW.ingredients), 20000)), 'D');
  RETURN NEW;
END $$;
