// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sentences show references as plans have them
import type { Sentences } from './form.ts';

/** What control, agents and drivers say of a run: its events and notices, why it stopped or has no result, and why a ratio is void. */
export const runsZhCn: Sentences = {
  'the load is paused': '负载已暂停',
  'the load is resumed after {time}': '负载在暂停 {time} 后恢复',
  'the load of scenario {scenario} goes to {level} virtual users': '场景 {scenario} 的负载变为 {level} 个虚拟用户',
  'the load of scenario {scenario} goes to {level} virtual users within {time}':
    '场景 {scenario} 的负载在 {time} 内变为 {level} 个虚拟用户',
  'the load of scenario {scenario} goes to {level} arrivals per second':
    '场景 {scenario} 的负载变为每秒 {level} 次到达',
  'the load of scenario {scenario} goes to {level} arrivals per second within {time}':
    '场景 {scenario} 的负载在 {time} 内变为每秒 {level} 次到达',
  'the run stops: {reason}': '测试停止：{reason:said}',
  'stopped before the load began: {reason}': '在负载开始之前停止：{reason:said}',
  'cut off: {reason}': '已中断：{reason:said}',
  'someone asked for it': '有人要求停止',
  'operations in flight are cut off': '进行中的操作被中断',
  'not all that the agents reported could be stored': '代理上报的数据未能全部存储',
  'every agent was lost': '所有代理都已失联',
  'every agent has ended its load early or was lost': '所有代理都已提前结束负载或失联',
  'an operator stopped it over the HTTP API': '操作员通过 HTTP API 停止了测试',
  'stopped from the web page': '在网页上停止',
  'agent {agent} was lost': '代理 {agent} 失联',
  'agent {agent} was lost: nothing has come from it for {seconds} s':
    '代理 {agent} 失联：{seconds} 秒内没有收到它的任何数据',
  'agent {agent} was lost: nothing has come from it for {seconds} s; if {module} blocks its event loop, its terminal says where':
    '代理 {agent} 失联：{seconds} 秒内没有收到它的任何数据；如果 {module} 阻塞了它的事件循环，它的终端会指出位置',
  'agent {agent} was lost while it prepared: look at its terminal, and start it again':
    '代理 {agent} 在准备时失联：请查看它的终端，并重新启动它',
  'agent {agent} is gone: {why}': '代理 {agent} 已断开：{why:said}',
  'another agent process took its name': '另一个代理进程占用了它的名称',
  'it has disconnected': '它已断开连接',
  'it was told to end': '它被要求结束',
  'it was silent for too long': '它沉默太久',
  'it was stopped before it was ready': '它在就绪之前被停止',
  'control has ended': '控制端已结束',
  'the load has ended': '负载已结束',
  'agent {agent} was told to end': '代理 {agent} 被要求结束',
  'its load failed: {reason}': '它的负载失败：{reason:said}',
  'control has acknowledged nothing for {seconds} s': '控制端在 {seconds} 秒内没有确认任何数据',
  'the control process before this one had told agent {agent} to stop': '之前的控制端进程已要求代理 {agent} 停止',
  'agent {agent} is back, and sends what it could not send': '代理 {agent} 已恢复，正在补发未能发送的数据',
  'agent {agent} has left, and all that it did is counted': '代理 {agent} 已离开，它的全部工作均已计入',
  'agent {agent} has ended its load early: {why}': '代理 {agent} 提前结束了负载：{why:said}',
  'agent {agent} leaves: {why}': '代理 {agent} 离开：{why:said}',
  'agent {agent} takes {part} of the load': '代理 {agent} 承担 {part} 的负载',
  'the share of agent {agent}, {part} of the load, goes to another agent':
    '代理 {agent} 的负载（占 {part}）转给另一个代理',
  'the share of agent {agent}, {part} of the load, goes to {others} others':
    '代理 {agent} 的负载（占 {part}）转给另外 {others} 个代理',
  'the share of agent {agent}, {part} of the load, goes to another agent, but not its iterations':
    '代理 {agent} 的负载（占 {part}）转给另一个代理，但不包括它的迭代',
  'the share of agent {agent}, {part} of the load, goes to {others} others, but not its iterations':
    '代理 {agent} 的负载（占 {part}）转给另外 {others} 个代理，但不包括它的迭代',
  'the clock of agent {agent} jumped by {seconds} s': '代理 {agent} 的时钟跳变了 {seconds} 秒',
  'agent {agent} warns: {what}': '代理 {agent} 警告：{what:said}',
  'agent {agent} cannot take part: {why}': '代理 {agent} 无法参与：{why:said}',
  'agent {agent} was not ready after {seconds} s': '代理 {agent} 在 {seconds} 秒后仍未就绪',
  'agent {agent} does not answer clock probes: {why}': '代理 {agent} 不应答时钟探测：{why:said}',
  'no answer': '没有应答',
  'agent {agent}: {problem}': '代理 {agent}：{problem:said}',
  'no agent had joined after {seconds}s: start one with {command}':
    '等待 {seconds} 秒后没有代理加入：请用 {command} 启动一个',
  'no agent with the labels {labels} had joined after {seconds}s: start one with {command}':
    '等待 {seconds} 秒后没有带标签 {labels} 的代理加入：请用 {command} 启动一个',
  '{joined} of {wanted} agents had joined after {seconds}s: start more with {command} or lower --expect-agents':
    '等待 {seconds} 秒后只有 {joined} 个代理加入，共需 {wanted} 个：请用 {command} 启动更多，或减小 --expect-agents',
  '{joined} of {wanted} agents with the labels {labels} had joined after {seconds}s: start more with {command} or lower --expect-agents':
    '等待 {seconds} 秒后只有 {joined} 个带标签 {labels} 的代理加入，共需 {wanted} 个：请用 {command} 启动更多，或减小 --expect-agents',
  'scenario {scenario}: maxVus is {max}, and the run has {agents} agents: an agent without a virtual user would drop all its arrivals; set maxVus to {agents} or more, or run with fewer agents':
    '场景 {scenario}：maxVus 为 {max}，而测试有 {agents} 个代理：没有虚拟用户的代理会丢弃它的全部到达；请将 maxVus 设为 {agents} 或更大，或减少代理',
  'agent {agent} has joined {times} times, and takes no more part in this run':
    '代理 {agent} 已加入 {times} 次，不再参与本次测试',
  'agent {agent} takes no part in the load: maxVus is too small for one more agent':
    '代理 {agent} 不参与负载：maxVus 太小，无法再分给一个代理',
  'agent {agent} has not reported its totals: what it did from second {second} on is not known':
    '代理 {agent} 没有上报总数：从第 {second} 秒起它做了什么无从得知',
  'agent {agent} and control do not agree: {what}': '代理 {agent} 与控制端的数据不一致：{what:said}',
  'agent {agent} held up to {rows} rows of {set}: unless it comes back, they are left out, because it may have used them':
    '代理 {agent} 持有 {set} 的最多 {rows} 行数据：除非它恢复，否则这些行不再使用，因为它可能已经用过',
  'agent {agent} sends messages of run {run}, which is not under way for it: ignored':
    '代理 {agent} 发来测试 {run} 的消息，而它并未参与该测试：已忽略',
  'windows of agent {agent} are missing: it counted {counted} operations, control has {merged}':
    '代理 {agent} 的部分数据缺失：它计数 {counted} 次操作，控制端只有 {merged} 次',
  'windows are missing because {reason}': '部分数据缺失，原因：{reason:said}',
  'control was restarted and goes on with the {windows} windows that it had stored':
    '控制端已重启，从已存储的 {windows} 个数据窗口继续',
  'control ended while this run was under way, and a new control cannot go on with it: {reason}':
    '测试进行中控制端结束，新的控制端无法继续：{reason:said}',
  'what was stored of the run cannot be read: another version of bench wrote it, or it is damaged':
    '无法读取测试的存储内容：它由另一版本的 bench 写入，或已损坏',
  'its row in the store is damaged ({fields}): `bench delete {run}` deletes the run':
    '它在存储中的记录已损坏（{fields}）：用 `bench delete {run}` 删除测试',
  '{count} samples of monitors were damaged in the store': '存储中有 {count} 个监控样本已损坏',
  'window {window} of agent {agent} is damaged in the store': '代理 {agent} 的数据窗口 {window} 在存储中已损坏',
  'control can write to the store again': '控制端又可以写入存储',
  'run {run} was deleted while its result was read': '读取测试 {run} 的结果时，该测试已被删除',
  'the store {store} cannot be read: {reason}': '无法读取存储 {store}：{reason:said}',
  'the store {store} cannot be written: {reason}': '无法写入存储 {store}：{reason:said}',
  'windows wait, and control tries again every second': '数据在等待，控制端每秒重试',
  '{size} MB of windows wait to be stored: control takes no more for now, and agents keep theirs until there is room':
    '有 {size} MB 数据等待存储：控制端暂时不再接收，代理会保留各自的数据，直到有空间为止',
  'the result could not be stored; control keeps it, and tries again until it ends: {reason}':
    '结果无法存储；控制端会保留结果，并在结束之前不断重试：{reason:said}',
  'monitors have no values for seconds {from} to {to}': '第 {from} 到 {to} 秒没有监控数据',
  'monitor {monitor} answers again': '监控 {monitor} 又有应答',
  'monitor {monitor} failed: {reason}': '监控 {monitor} 失败：{reason:said}',
  'monitor {monitor} cannot be opened: {reason}': '监控 {monitor} 无法打开：{reason:said}',
  'monitor {monitor} could not be closed: {reason}': '监控 {monitor} 无法关闭：{reason:said}',
  'monitor {monitor} could not describe its source: {reason}': '监控 {monitor} 无法描述其数据源：{reason:said}',
  'the monitors cannot be opened: {reason}': '监控无法打开：{reason:said}',
  'the outputs cannot be opened: {reason}': '输出无法打开：{reason:said}',
  'output {output} works again': '输出 {output} 恢复正常',
  'output {output} failed: {reason}; the run goes on, and {seconds} s are kept for it':
    '输出 {output} 失败：{reason:said}；测试继续，为它保留 {seconds} 秒的数据',
  'output {output} has not taken the result: {reason}': '输出 {output} 没有接收结果：{reason:said}',
  'output {output} could not be closed: {reason}': '输出 {output} 无法关闭：{reason:said}',
  'output {output}: {missed} of {seconds} seconds could not be given to it while the run went on':
    '输出 {output}：测试进行中有 {missed} / {seconds} 秒的数据未能交给它',
  'it was not closed within {seconds} s': '它没有在 {seconds} 秒内关闭',
  'it was not done within {seconds} s': '没有在 {seconds} 秒内完成',
  'thresholds with a duration cannot be judged: {reason}': '带持续时间的指标无法判定：{reason:said}',
  'so many different response times came, in so many rows, that percentiles may be up to 6 % too high from now on; counts and sums stay exact':
    '响应时间的取值和行数过多，此后百分位最多可能偏高 6 %；计数与总和仍然精确',
  'scripts gave too many names to requests, spans and checks, of which an agent may have {own} and a run {all}: what comes after is counted under {name}. Name a request by its kind, without ids in the name':
    '脚本给请求、计时和检查起的名称过多（每个代理最多 {own} 个，每次测试最多 {all} 个）：之后的都计在 {name} 名下。请按种类给请求命名，名称中不要带 id',
  'more happened than a result lists: the log of control has it all':
    '发生的事件多于结果所列：控制端的日志中有全部记录',
  'driver {driver}, step {step}: {reason}': '驱动 {driver}，步骤 {step}：{reason:said}',
  'driver {driver} was cut off while it cleaned up': '驱动 {driver} 在清理时被中断',
  '{problem}; cleaning up failed: {why}': '{problem:said}；清理失败：{why:said}',
  '{problem}: `bench cleanup {run}` removes what is left': '{problem:said}：用 `bench cleanup {run}` 清除遗留内容',
  'using the existing table {table}, which will be kept': '使用已有的表 {table}，并将保留它',
  'the table {table} is made': '已建表 {table}',
  'the table {table} is dropped': '已删除表 {table}',
  '{loaded} of {rows} rows loaded into {table}': '已向 {table} 装载 {loaded} / {rows} 行',
  'comparing acknowledged writes with stored rows ({source})': '正在核对已确认的写入与落库行数（{source}）',
  'comparing acknowledged inserts with stored rows ({source})': '正在核对已确认的插入与落库行数（{source}）',
  'operation {operation} is checked, but not tried before the load: {why}':
    '操作 {operation} 已检查，但没有在负载之前试运行：{why:said}',
  'its parameters are known only while the load runs': '它的参数在负载运行时才知道',
  'a statement of this kind cannot be rolled back ({sql})': '这类语句无法回滚（{sql}）',
  'the table {table} ({engine}) has no transactions, and could not be restored':
    '表 {table}（{engine}）不支持事务，无法恢复',
  '{loaded} of {rows} rows are inserted into {collection}': '已向 {collection} 插入 {loaded} / {rows} 行',
  'the index {type} has {percent} % of the rows': '索引 {type} 已包含 {percent} % 的行',
  '{percent} % of the collection {collection} are loaded': '集合 {collection} 已加载 {percent} %',
  'the collection {collection} is made; its rows are {source}': '已创建集合 {collection}；数据来自 {source}',
  '{rows} rows: inserted in {inserted} s, flushed and indexed in {indexed} s':
    '{rows} 行：插入用时 {inserted} 秒，落盘并建索引用时 {indexed} 秒',
  'using the collection {collection}, which is there already': '使用已有的集合 {collection}',
  'the collection {collection} is ready': '集合 {collection} 已就绪',
  'the collection {collection} is dropped': '已删除集合 {collection}',
  'the collection {collection} is dropped: its preparation was cut off, and begins anew':
    '已删除集合 {collection}：上次准备被中断，重新开始',
  'the collection {collection} was not made by bench, and stays': '集合 {collection} 不是 bench 创建的，予以保留',
  'the collection {collection} was made by the run {run}, and stays': '集合 {collection} 由测试 {run} 创建，予以保留',
  'rows were written while it was measured': '测量期间写入了数据',
  'only the {known} nearest rows are known (groundTruth.k), and {operation} asks for {limit}':
    '只知道最近的 {known} 行（groundTruth.k），而 {operation} 要 {limit} 行',
  'groundTruth.file tells of all rows, and {operation} has a filter':
    'groundTruth.file 针对全部数据，而 {operation} 有过滤条件',
  "the nearest rows are known of filters such as category == '${pick:category}', and {operation} has another":
    "只知道形如 category == '${pick:category}' 的过滤条件的最近行，而 {operation} 的条件不同",
  'of partitions, the nearest rows are known of one without a filter, unless they are from a file, and {operation} searches {partitions}':
    '对于分区，只知道单个分区、不带过滤条件且不来自文件的最近行，而 {operation} 搜索 {partitions}',
  'the collection was not loaded by bench': '集合不是由 bench 装载的',
  'the driver gives no reason': '驱动没有给出原因',
};

/** What `control/load/threshold-watch.ts` says of a level that find-max has tried: what came of it, why, and what it tries next. */
const LEVEL =
  /^(back at )?([\d.,]+)( virtual users|\/s) ([a-z -]+) \(([\d.,]+)\/s, p95 ([\d.,–]+) ms\)(?:: (.+))?; (?:the search is over|next: ([\d.,]+)( virtual users|\/s)(.*))$/s;

const OUTCOMES: Readonly<Record<string, string>> = {
  holds: '满足',
  breaks: '不满足',
  'cannot be judged': '无法判定',
  'was cut short': '被提前结束',
  'the target is itself again': '被测系统已恢复',
  'the target does not recover': '被测系统没有恢复',
  'is confirmed': '已确认',
};
const PURPOSES: Readonly<Record<string, string>> = {
  '': '',
  ', until the target is itself again': '，直到被测系统恢复',
  ', to confirm it': '，以确认结果',
};

/**
 * An event that tells of a level of find-max, in Chinese; undefined when it is another one.
 * @param spoken puts the reason into Chinese, which has no full stop
 */
export function levelText(text: string, spoken: (reason: string) => string): string | undefined {
  const match = LEVEL.exec(text);
  if (match === null) return undefined;
  const [, back, level = '', unit, outcome = '', perSecond, p95, reason, next, nextUnit, purpose = ''] = match;
  const [shown, told] = [OUTCOMES[outcome], PURPOSES[purpose]];
  if (shown === undefined || told === undefined) return undefined;
  const why = reason === undefined ? '' : `，原因：${spoken(reason)}`;
  const then = next === undefined ? '搜索结束' : `下一级：${levelIn(next, nextUnit)}${told}`;
  return `${back === undefined ? '' : '回到 '}${levelIn(level, unit)}：${shown}（${perSecond}/s，p95 ${p95} ms）${why}；${then}`;
}

function levelIn(level: string, unit: string | undefined): string {
  return unit === '/s' ? `${level}/s` : `${level} 个虚拟用户`;
}
