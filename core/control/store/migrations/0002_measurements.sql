CREATE TABLE `monitor_samples` (
	`run_id` text NOT NULL,
	`monitor` text NOT NULL,
	`second` integer NOT NULL,
	`metrics` text NOT NULL,
	PRIMARY KEY(`run_id`, `monitor`, `second`)
);
--> statement-breakpoint
ALTER TABLE `runs` ADD `owner_is_private` integer DEFAULT false NOT NULL;