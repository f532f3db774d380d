CREATE TABLE `baselines` (
	`name` text PRIMARY KEY NOT NULL,
	`run_ids` text NOT NULL,
	`set_at` text NOT NULL
);
