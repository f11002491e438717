-- The database of KeyPortal and its two roles. Run as a superuser of PostgreSQL, after setting both passwords.

CREATE ROLE keyportal_owner LOGIN PASSWORD 'set me';
CREATE ROLE keyportal LOGIN PASSWORD 'set me too';
CREATE DATABASE keyportal OWNER keyportal_owner ENCODING 'UTF8' TEMPLATE template0;

\connect keyportal

-- The index that the search needs.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

GRANT CREATE ON SCHEMA public TO keyportal_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE keyportal_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO keyportal;
ALTER DEFAULT PRIVILEGES FOR ROLE keyportal_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO keyportal;
