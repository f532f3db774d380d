CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_at` text NOT NULL,
	`state` text NOT NULL,
	`reason` text DEFAULT '' NOT NULL,
	`verdict` text DEFAULT '' NOT NULL,
	`plan` text NOT NULL,
	`base_directory` text NOT NULL,
	`owner_host` text NOT NULL,
	`owner_pid` integer NOT NULL,
	`result` blob
);
--> statement-breakpoint
CREATE INDEX `runs_created_at` ON `runs` (`created_at`);--> statement-breakpoint
CREATE TABLE `windows` (
	`run_id` text NOT NULL,
	`agent` text NOT NULL,
	`epoch` text NOT NULL,
	`seq` integer NOT NULL,
	`window` blob NOT NULL,
	PRIMARY KEY(`run_id`, `agent`, `epoch`, `seq`)
);
