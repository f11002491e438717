-- What serves the portal may add to the trail and read it, nothing else. Run in its database once the tables are there.

REVOKE UPDATE, DELETE, TRUNCATE ON productkeys_trailentry, productkeys_trailseal, productkeys_trailrow FROM keyportal;
