-- The store's tables as somebody made them who had not heard of Tidemark, with what a shop has there: foreign keys that
-- cascade, several types for numbers and moments. And `j`: what a row looks like in a result, written by hand.

CREATE SCHEMA sales;

CREATE TABLE artist (id integer PRIMARY KEY, name text, active boolean NOT NULL);
CREATE TABLE album (
  id integer PRIMARY KEY, title varchar(200) NOT NULL,
  artist_id integer NOT NULL REFERENCES artist ON DELETE CASCADE, released_on date);
CREATE TABLE genre (id smallint PRIMARY KEY, name text);
CREATE TABLE media_type (
  code text PRIMARY KEY, name text NOT NULL, kind text NOT NULL, lossless boolean NOT NULL);
CREATE TABLE track (
  id integer PRIMARY KEY, name text NOT NULL, album_id integer REFERENCES album ON DELETE SET NULL,
  media_type text NOT NULL REFERENCES media_type, genre_id smallint REFERENCES genre ON DELETE SET NULL,
  composer text, milliseconds integer NOT NULL, bytes bigint, unit_price numeric(10, 2) NOT NULL,
  added_at timestamptz NOT NULL, tags jsonb);
CREATE TABLE playlist (id text PRIMARY KEY, name text, shared_at timestamp);
CREATE TABLE playlist_track (
  playlist_id text REFERENCES playlist ON DELETE CASCADE,
  track_id integer REFERENCES track ON DELETE CASCADE, PRIMARY KEY (playlist_id, track_id));
CREATE TABLE employee (
  id integer PRIMARY KEY, last_name text NOT NULL, first_name text NOT NULL, title text,
  reports_to integer REFERENCES employee ON DELETE SET NULL, birth_date date NOT NULL,
  hired_at timestamp NOT NULL, city text NOT NULL, fax text);
CREATE TABLE customer (
  id integer PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, company text,
  city text NOT NULL, state text, country text NOT NULL, fax text, email text NOT NULL,
  support_rep_id integer REFERENCES employee ON DELETE SET NULL, preferences json NOT NULL);
CREATE TABLE sales.invoice (
  id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer ON DELETE CASCADE,
  invoiced_at timestamptz NOT NULL, due_on date, billing_state text, billing_country text NOT NULL,
  total double precision NOT NULL, paid boolean);
CREATE TABLE sales.invoice_line (
  id bigint PRIMARY KEY, invoice_id integer NOT NULL REFERENCES sales.invoice ON DELETE CASCADE,
  track_id integer NOT NULL REFERENCES track ON DELETE CASCADE,
  unit_price numeric(10, 2) NOT NULL, quantity integer NOT NULL);

CREATE INDEX ON album (artist_id);
CREATE INDEX ON track (album_id);
CREATE INDEX ON track (genre_id);
CREATE INDEX ON playlist_track (track_id);
CREATE INDEX ON customer (support_rep_id);
CREATE INDEX ON sales.invoice (customer_id);
CREATE INDEX ON sales.invoice_line (invoice_id);
CREATE INDEX ON sales.invoice_line (track_id);

-- A moment as milliseconds since the epoch; one without a time zone is UTC.
CREATE FUNCTION ms(at timestamptz) RETURNS bigint STABLE LANGUAGE sql AS
  $$ SELECT floor(extract(epoch FROM at) * 1000)::bigint $$;
CREATE FUNCTION ms(at timestamp) RETURNS bigint STABLE LANGUAGE sql AS
  $$ SELECT floor(extract(epoch FROM at) * 1000)::bigint $$;

CREATE FUNCTION j(r artist) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id, 'name', r.name, 'active', r.active) $$;
CREATE FUNCTION j(r album) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id, 'title', r.title, 'artistID', r.artist_id,
       'releasedOn', r.released_on::text) $$;
CREATE FUNCTION j(r genre) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id, 'name', r.name) $$;
CREATE FUNCTION j(r media_type) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('code', r.code, 'name', r.name, 'kind', r.kind,
       'lossless', r.lossless) $$;
CREATE FUNCTION j(r track) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id, 'name', r.name, 'albumID', r.album_id,
       'mediaType', r.media_type, 'genreID', r.genre_id, 'composer', r.composer,
       'milliseconds', r.milliseconds, 'bytes', r.bytes::text, 'unitPrice', r.unit_price,
       'addedAt', ms(r.added_at), 'tags', r.tags) $$;
CREATE FUNCTION j(r playlist) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id, 'name', r.name, 'sharedAt', ms(r.shared_at)) $$;
CREATE FUNCTION j(r playlist_track) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('playlistID', r.playlist_id, 'trackID', r.track_id) $$;
CREATE FUNCTION j(r employee) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id, 'lastName', r.last_name, 'firstName', r.first_name,
       'title', r.title, 'reportsTo', r.reports_to, 'birthDate', r.birth_date::text,
       'hiredAt', ms(r.hired_at), 'city', r.city, 'fax', r.fax) $$;
CREATE FUNCTION j(r customer) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id, 'firstName', r.first_name, 'lastName', r.last_name,
       'company', r.company, 'city', r.city, 'state', r.state, 'country', r.country, 'fax', r.fax,
       'email', r.email, 'supportRepID', r.support_rep_id, 'preferences', r.preferences) $$;
CREATE FUNCTION j(r sales.invoice) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id, 'customerID', r.customer_id,
       'invoicedAt', ms(r.invoiced_at), 'dueOn', r.due_on::text, 'billingState', r.billing_state,
       'billingCountry', r.billing_country, 'total', r.total, 'paid', r.paid) $$;
CREATE FUNCTION j(r sales.invoice_line) RETURNS jsonb STABLE LANGUAGE sql AS
  $$ SELECT jsonb_build_object('id', r.id::text, 'invoiceID', r.invoice_id, 'trackID', r.track_id,
       'unitPrice', r.unit_price, 'quantity', r.quantity) $$;
