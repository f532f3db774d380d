CREATE TABLE IF NOT EXISTS `test_upload` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`device_id` varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`test_data` double NOT NULL,
	`upload_time` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT `test_upload_id` PRIMARY KEY(`id`),
	INDEX `test_upload_device_id` (`device_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
