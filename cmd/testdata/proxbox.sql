PRAGMA journal_mode = WAL;
CREATE TABLE apikey (
	id INTEGER NOT NULL, 
	label VARCHAR NOT NULL, 
	key_hash VARCHAR NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	created_at FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE authlockout (
	ip_address VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	first_attempt_time FLOAT NOT NULL, 
	PRIMARY KEY (ip_address)
);
CREATE TABLE api_key_bootstrap_claim (
	id INTEGER NOT NULL, 
	initialized_at FLOAT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_api_key_bootstrap_claim_singleton CHECK (id = 1)
);
CREATE TABLE netboxendpoint (id INTEGER NOT NULL, name VARCHAR NOT NULL, PRIMARY KEY (id));
CREATE TABLE proxmoxendpoint (id INTEGER NOT NULL, name VARCHAR NOT NULL, PRIMARY KEY (id));
