CREATE TABLE `bench_monitor_samples` (
	`run_id` varbinary(32) NOT NULL,
	`monitor` varbinary(320) NOT NULL,
	`second` int unsigned NOT NULL,
	`metrics` mediumtext NOT NULL,
	CONSTRAINT `bench_monitor_samples_run_id_monitor_second_pk` PRIMARY KEY(`run_id`,`monitor`,`second`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
--> statement-breakpoint
ALTER TABLE `bench_runs` ADD `owner_is_private` boolean DEFAULT false NOT NULL;