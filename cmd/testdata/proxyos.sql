PRAGMA journal_mode = WAL;
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY,
	`name` text NOT NULL,
	`key_hash` text NOT NULL,
	`scopes` text NOT NULL,
	`last_used` integer,
	`expires_at` integer,
	`created_at` integer NOT NULL
);
CREATE TABLE `routes` (`id` text PRIMARY KEY NOT NULL);
CREATE TABLE `users` (`id` text PRIMARY KEY NOT NULL);
CREATE TABLE `agents` (`id` text PRIMARY KEY NOT NULL);
CREATE TABLE `system_settings` (`id` text PRIMARY KEY NOT NULL);
CREATE TABLE `sso_providers` (`id` text PRIMARY KEY NOT NULL);
