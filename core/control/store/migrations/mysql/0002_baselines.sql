CREATE TABLE `bench_baselines` (
	`name` varbinary(80) NOT NULL,
	`run_ids` text NOT NULL,
	`set_at` varbinary(32) NOT NULL,
	CONSTRAINT `bench_baselines_name` PRIMARY KEY(`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
