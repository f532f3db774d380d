-- What bench's operation `insert` does, by sysbench: the same statement, prepared, on the same table.
local TABLE = "bench_of_sysbench"

local function connect()
  -- Kept: a driver that is collected takes its connections along.
  driver = sysbench.sql.driver()
  return driver:connect()
end

function prepare()
  connect():query(string.format([[CREATE TABLE %s (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    device_id varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    test_data double NOT NULL,
    upload_time datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    INDEX device_id (device_id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4]], TABLE))
end

function cleanup()
  connect():query("DROP TABLE IF EXISTS " .. TABLE)
end

function thread_init()
  connection = connect()
  insert = connection:prepare(string.format("INSERT INTO %s (device_id, test_data) VALUES (?, ?)", TABLE))
  device = insert:bind_create(sysbench.sql.type.VARCHAR, 50)
  -- Eight bytes, as ours; sysbench 1.0 crashes on a parameter of type DOUBLE.
  value = insert:bind_create(sysbench.sql.type.BIGINT)
  insert:bind_param(device, value)
  device:set(string.format("sysbenchrun1-device-%05d", sysbench.tid + 1))
end

function event()
  value:set(sysbench.rand.uniform(0, 100000))
  insert:execute()
end

function thread_done()
  insert:close()
  connection:disconnect()
end
