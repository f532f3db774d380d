/** The metrics that are reported from one kind of page when the plan names none. */
export interface MetricSet {
  /** A metric that only this kind of page has. */
  readonly mark: string;
  /** Expressions by metric name; of several alternatives, the first that has a value is used. */
  readonly metrics: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Share of the host's cores that were in these modes: seconds in the modes ÷ (elapsed seconds × cores). Elapsed are those of
 * the exporter's own clock where the page has it. The sum of all modes is not used, because on some virtual hosts the idle
 * counters stand still for seconds and then jump.
 */
function cpuShare(modes: string): readonly string[] {
  const seconds = `rate(node_cpu_seconds_total{${modes}})`;
  const cores = 'count(node_cpu_seconds_total{mode="idle"})';
  return [`clamp_max(${seconds} / ${cores} / rate(node_time_seconds), 1)`, `clamp_max(${seconds} / ${cores}, 1)`];
}

const DISKS = '{device!~"(dm-|md|loop|ram|sr|zram).*"}';
/** Leaves out interfaces whose traffic passes through another interface too. */
const INTERFACES = '{device!~"lo|(br-|docker|ifb|tun|veth|virbr).*"}';

/** https://github.com/prometheus/node_exporter, version 0.16 or newer: the host that it runs on. */
const NODE_EXPORTER: MetricSet = {
  mark: 'node_cpu_seconds_total',
  metrics: {
    host_cpu_share: cpuShare('mode!~"idle|iowait|steal"'),
    host_cpu_steal_share: cpuShare('mode="steal"'),
    host_cpu_iowait_share: cpuShare('mode="iowait"'),
    host_load: 'node_load1',
    host_memory_used_bytes: 'node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes',
    host_memory_used_share: '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes',
    host_disk_read_bytes_per_second: `rate(node_disk_read_bytes_total${DISKS})`,
    host_disk_written_bytes_per_second: `rate(node_disk_written_bytes_total${DISKS})`,
    host_network_received_bytes_per_second: `rate(node_network_receive_bytes_total${INTERFACES})`,
    host_network_sent_bytes_per_second: `rate(node_network_transmit_bytes_total${INTERFACES})`,
  },
};

/** https://github.com/prometheus/mysqld_exporter, collector global_status; the names are those of the mysql monitor. */
const MYSQLD_EXPORTER: MetricSet = {
  mark: 'mysql_up',
  metrics: {
    threads_running: 'mysql_global_status_threads_running',
    threads_connected: 'mysql_global_status_threads_connected',
    row_lock_waiting: 'mysql_global_status_innodb_row_lock_current_waits',
    row_lock_waits_per_second: 'rate(mysql_global_status_innodb_row_lock_waits)',
    // MariaDB has only the second one since 10.5.
    rows_inserted_per_second: [
      'rate(mysql_global_status_innodb_row_ops_total{operation="inserted"})',
      'rate(mysql_global_status_handlers_total{handler="write"})',
    ],
    commits_per_second: 'rate(mysql_global_status_handlers_total{handler="commit"})',
    questions_per_second: 'rate(mysql_global_status_questions)',
    slow_queries_per_second: 'rate(mysql_global_status_slow_queries)',
    aborted_connects_per_second: 'rate(mysql_global_status_aborted_connects)',
    bytes_received_per_second: 'rate(mysql_global_status_bytes_received)',
    bytes_sent_per_second: 'rate(mysql_global_status_bytes_sent)',
    buffer_pool_hit_share:
      '1 - rate(mysql_global_status_innodb_buffer_pool_reads) / rate(mysql_global_status_innodb_buffer_pool_read_requests)',
  },
};

/** The reference target's page; of any other page, the metrics that all processes have. */
const TARGET: MetricSet = {
  mark: 'bench_target_info',
  metrics: {
    queue_depth: 'bench_target_queue_depth',
    queue_depth_max: 'bench_target_queue_depth_max',
    requests_in_flight: 'bench_target_requests_in_flight',
    requests_per_second: 'rate(bench_target_requests_total)',
    rows_committed: 'bench_target_rows_committed_total',
    event_loop_lag_seconds: 'bench_target_event_loop_lag_seconds',
    cpu_cores: 'rate(process_cpu_seconds_total)',
    memory_bytes: 'process_resident_memory_bytes',
    host_cpu_share: 'bench_target_host_cpu_ratio',
    host_memory_bytes: 'bench_target_host_memory_bytes',
    host_memory_used_bytes: 'bench_target_host_memory_used_bytes',
    host_disk_read_bytes_per_second: 'rate(bench_target_host_disk_read_bytes_total)',
    host_disk_written_bytes_per_second: 'rate(bench_target_host_disk_written_bytes_total)',
    host_network_received_bytes_per_second: 'rate(bench_target_host_network_received_bytes_total)',
    host_network_sent_bytes_per_second: 'rate(bench_target_host_network_sent_bytes_total)',
  },
};

/** The last set is used for pages without a mark. */
export const METRIC_SETS: readonly [...MetricSet[], MetricSet] = [NODE_EXPORTER, MYSQLD_EXPORTER, TARGET];
