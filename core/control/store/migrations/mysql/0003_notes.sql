ALTER TABLE `bench_runs` ADD `note` varchar(2000) DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `bench_runs` ADD `tags` varchar(2000) DEFAULT '[]' NOT NULL;