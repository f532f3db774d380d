CREATE TABLE `bench_runs` (
	`id` varbinary(32) NOT NULL,
	`name` text NOT NULL,
	`created_at` varbinary(32) NOT NULL,
	`state` varchar(16) NOT NULL,
	`reason` mediumtext NOT NULL,
	`verdict` varchar(16) NOT NULL,
	`plan` longtext NOT NULL,
	`base_directory` text NOT NULL,
	`owner_host` varchar(255) NOT NULL,
	`owner_pid` int NOT NULL,
	`checkpoint` longtext NOT NULL,
	`result` longblob,
	`rowid` bigint AUTO_INCREMENT NOT NULL,
	CONSTRAINT `bench_runs_id` PRIMARY KEY(`id`),
	CONSTRAINT `bench_runs_rowid_unique` UNIQUE(`rowid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
--> statement-breakpoint
CREATE TABLE `bench_windows` (
	`run_id` varbinary(32) NOT NULL,
	`agent` varbinary(320) NOT NULL,
	`epoch` varbinary(256) NOT NULL,
	`seq` int unsigned NOT NULL,
	`window` longblob NOT NULL,
	CONSTRAINT `bench_windows_run_id_agent_epoch_seq_pk` PRIMARY KEY(`run_id`,`agent`,`epoch`,`seq`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
--> statement-breakpoint
CREATE INDEX `runs_created_at` ON `bench_runs` (`created_at`);