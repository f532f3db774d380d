import type { Sentences } from './form.ts';

/** Why agents are refused or cannot take part, and what they warn of. */
export const agentsZhCn: Sentences = {
  // core/control: what an agent that keeps the protocol never sends
  'it was refused: {reason}': '它被拒绝：{reason:said}',
  'it has joined already on this stream': '它已在此连接上加入',
  'it sent window {seq} in second {second} of the run: an agent has one window per second':
    '它在测试的第 {second} 秒发来数据窗口 {seq}：代理每秒只有一个窗口',
  'it sent {size} MB of windows by second {second}: control takes {most} MB per second from one agent':
    '到第 {second} 秒它已发来 {size} MB 数据：控制端每秒只接收一个代理 {most} MB',
  'it sent a window of second {second}, but the run is in second {now}: its clock may have jumped':
    '它发来第 {second} 秒的数据，而测试在第 {now} 秒：它的时钟可能跳变了',
  'it sent window {seq} of second {second} beside one of second {other}: the seconds of an agent rise with its windows':
    '它发来第 {second} 秒的数据窗口 {seq}，与第 {other} 秒的相邻：代理的秒数随窗口递增',
  'it sent window {seq} when window {due} was due': '它发来数据窗口 {seq}，而应发的是 {due}',
  'it sent {samples} failure samples: control takes {most} from one agent':
    '它发来 {samples} 个失败实录：控制端只接收一个代理 {most} 个',
  'a window before the start': '它在开始之前发来数据',
  'window {seq} after Done, which said that {last} is the last':
    '它在结束之后发来数据窗口 {seq}，而它说 {last} 是最后一个',
  'a window of epoch {epoch}, but this process is {own}': '数据属于进程 {epoch}，而此进程是 {own}',
  'window {seq} is empty': '数据窗口 {seq} 是空的',
  'script: the plan has no script': 'script：计划没有脚本',
  'operations.operation is {value}, but the plan has {count}': 'operations.operation 为 {value}，而计划有 {count} 个',
  'scenarios.scenario is {value}, but the plan has {count}': 'scenarios.scenario 为 {value}，而计划有 {count} 个',
  'writes.driver is {value}, but the plan has {count}': 'writes.driver 为 {value}，而计划有 {count} 个',
  'scenarios.vus is {value}, but scenario {scenario} has at most {most}':
    'scenarios.vus 为 {value}，而场景 {scenario} 最多 {most}',
  'writes have {all} different keys, {own} of which this agent was the first to count: an agent can have at most {most}, a run {mostAll}':
    '写入有 {all} 个不同的键，其中 {own} 个由此代理首先计数：每个代理最多 {most} 个，每次测试最多 {mostAll} 个',
  'timings have more than {count} different names, but an agent can have at most {most}, and a run {mostAll}: a driver must not put ids into the names of its timings':
    '计时的名称超过 {count} 个，而每个代理最多 {most} 个，每次测试最多 {mostAll} 个：驱动不得在计时的名称中放 id',
  'ratios have more than {count} different names, but an agent can have at most {most}, and a run {mostAll}: a driver must not put ids into the names of its ratios':
    '比率的名称超过 {count} 个，而每个代理最多 {most} 个，每次测试最多 {mostAll} 个：驱动不得在比率的名称中放 id',
  'operations.{field}.max_us is {us} in a window of second {second}':
    'operations.{field}.max_us 在第 {second} 秒的数据中为 {us}',
  'operations.{field} has a time of {us} µs in a window of second {second}':
    'operations.{field} 在第 {second} 秒的数据中有 {us} µs 的时间',
  '{field} add up to {sum} in one window: at most {most} are believed':
    '{field} 在一个窗口中合计 {sum}：最多相信 {most}',
  'done.totals are {totals}, where a plan of {operations} operations has at most {most}':
    'done.totals 有 {totals} 项，而 {operations} 个操作的计划最多 {most} 项',
  'done.totals of operation {operation} of a plan that has {count}':
    'done.totals 提到操作 {operation}，而计划有 {count} 个',
  'done.{field} is {us}, which is no time since the start': 'done.{field} 为 {us}，不是开始之后的时间',
  'leaving.at_us is {us}, which is no time since the run start': 'leaving.at_us 为 {us}，不是测试开始之后的时间',
  'rows_wanted.number is {number} after {deals} deals': 'rows_wanted.number 在 {deals} 次分发之后为 {number}',
  'rows_returned.number is {number} after {deals} deals': 'rows_returned.number 在 {deals} 次分发之后为 {number}',
  'done.stopped, and nobody has told it to stop': 'done.stopped，但没有谁让它停止',
  'rows_wanted asks for more, and the agent holds {deals} deals that it has not used':
    'rows_wanted 还要数据，而代理持有 {deals} 次分发尚未使用',
  'rows_wanted.left is {rows}, and the agent holds {held} rows at the most':
    'rows_wanted.left 为 {rows}，而代理最多持有 {held} 行',
  'rows_returned.left is {rows}, and the agent holds {held} rows at the most':
    'rows_returned.left 为 {rows}，而代理最多持有 {held} 行',
  'rows_wanted.rows is {rows}': 'rows_wanted.rows 为 {rows}',
  'rows_wanted.set is no name: {name}': 'rows_wanted.set 不是名称：{name}',
  'rows of more than {most} sets are asked for': '请求的数据超过 {most} 组',
  '{set} has {rows} rows on this agent, and {others} on another one: give all agents the same file':
    '{set} 在此代理上有 {rows} 行，在另一代理上有 {others} 行：请给所有代理同一个文件',

  // core/control/load/shape-levels.ts
  'the shape of scenario "{scenario}" failed ({reason}) at second {second}':
    '场景 "{scenario}" 的 shape 在第 {second} 秒失败（{reason:said}）',
  'the shape of scenario "{scenario}" gave {level} as its level, which must be a number from 0 or undefined, at second {second}':
    '场景 "{scenario}" 的 shape 在第 {second} 秒给出水平 {level}，它必须是不小于 0 的数或 undefined',
  'the shape of scenario "{scenario}" gave a spawnRate of {rate}, which must be above 0, at second {second}':
    '场景 "{scenario}" 的 shape 在第 {second} 秒给出 spawnRate {rate}，它必须大于 0',

  // agents/host
  'open files: {allowed} allowed, but {needed} are needed for {sessions} sessions: run `ulimit -n {raise}` before starting the agent':
    '打开的文件数：允许 {allowed} 个，而 {sessions} 个会话需要 {needed} 个：启动代理之前请运行 `ulimit -n {raise}`',
  'open files: {allowed} allowed, but {needed} are needed for {sessions} sessions: run `ulimit -n {raise}` before starting the agent, after raising the hard limit ({hard}) in /etc/security/limits.conf':
    '打开的文件数：允许 {allowed} 个，而 {sessions} 个会话需要 {needed} 个：请在 /etc/security/limits.conf 中调大硬限制（{hard}），并在启动代理之前运行 `ulimit -n {raise}`',
  'ephemeral ports: {ports}, but {sessions} sessions to one target address need as many: run `sysctl -w net.ipv4.ip_local_port_range="1024 65535"`, or use more agents':
    '临时端口：{ports}，而到一个目标地址的 {sessions} 个会话需要同样多的端口：请运行 `sysctl -w net.ipv4.ip_local_port_range="1024 65535"`，或使用更多代理',
  'time-wait reuse: off, so a closed connection keeps its port for 60 s: run `sysctl -w net.ipv4.tcp_tw_reuse=1`':
    'TIME-WAIT 复用：已关闭，关闭的连接会占用端口 60 秒：请运行 `sysctl -w net.ipv4.tcp_tw_reuse=1`',
  'free memory: {free} free, {needed} needed: end other processes, or use more agents on other hosts':
    '空闲内存：空闲 {free}，需要 {needed}：请结束其他进程，或在其他主机上使用更多代理',
  '{who} blocked the event loop for {seconds} s: until then this agent sent nothing and read no answer':
    '{who} 阻塞事件循环 {seconds} 秒：其间此代理没有发送，也没有读取应答',
  'scripts have written {most} lines: the rest is left out': '脚本已输出 {most} 行：其余略去',

  // agents/engine
  'driver {driver} had not opened after {seconds} s': '驱动 {driver} 在 {seconds} 秒后仍未打开',
  'driver {driver} could not be opened: {reason}': '驱动 {driver} 无法打开：{reason:said}',
  'driver {driver}: open returned something that is no driver: have it return an object with connect and close':
    '驱动 {driver}：open 返回的不是驱动：请让它返回含 connect 和 close 的对象',
  'a session of driver {driver} could not be closed: {reason}': '驱动 {driver} 的一个会话无法关闭：{reason:said}',
  'driver {driver} could not be closed: {reason}': '驱动 {driver} 无法关闭：{reason:said}',
  'it took longer than {seconds} s': '用时超过 {seconds} 秒',
  'driver {driver} leaks sessions: {left} could not be closed, so up to {open} were open for {users}':
    '驱动 {driver} 泄漏会话：{left} 个无法关闭，{users:said}最多同时打开 {open} 个会话',
  'requests named {name} have tags ({tags}) that do not count: the first one of them had {own}; give requests with other tags another name':
    '名为 {name} 的请求带有不计入的标签（{tags:said}）：同名的第一个请求的标签为{own:said}；标签不同的请求请另起名称',

  // core/bundle
  'control does not send {name}: {reason}': '控制端没有发送 {name}：{reason:said}',
  'it may not run {name}, which the plan brings along: start it without --no-remote-code, or add --allow-plugin {hash}':
    '它不得运行计划带来的 {name}：启动时请去掉 --no-remote-code，或加上 --allow-plugin {hash}',
  'what was sent with the run cannot be kept in {folder} ({reason}): make room there, or name another folder with --cache':
    '随测试发送的内容无法保存在 {folder}（{reason:said}）：请在那里腾出空间，或用 --cache 指定另一文件夹',
  'the content {hash} of {bytes} bytes is not what was sent with the run: {why}':
    '内容 {hash}（{bytes} 字节）与随测试发送的不同：{why:said}',
  'more bytes came': '收到的字节更多',
  'only {bytes} bytes came': '只收到 {bytes} 字节',
  'it was changed on the way': '它在途中被改动',
};
