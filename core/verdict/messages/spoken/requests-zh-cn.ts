import type { Sentences } from './form.ts';

/** Why the HTTP API refuses a request. */
export const requestsZhCn: Sentences = {
  'the header Authorization must be `Bearer` and a token': '请求头 Authorization 必须是 `Bearer` 加令牌',
  'too many tokens from {address} were not accepted: try again later': '来自 {address} 的无效令牌过多：请稍后再试',
  'the invitation has {sessions} sessions open: log out of some, or ask for another (`bench control invite --web`)':
    '该邀请已打开 {sessions} 个会话：请退出一些会话，或索取新的邀请（`bench control invite --web`）',
  'an invitation for an agent opens no page': '给代理的邀请不能打开页面',
  'the token is too long': '令牌过长',
  'the token is unknown or was revoked: ask for a new one (`bench control invite`)':
    '令牌未知或已撤销：请索取新的令牌（`bench control invite`）',
  'the token expired at {time}: ask for a new one (`bench control invite`)':
    '令牌已于 {time} 过期：请索取新的令牌（`bench control invite`）',
  'the token is not for this: ask for one with {command}': '令牌不能用于此处：请用 {command} 索取',
  'nobody logs in here: this server answers only its own machine': '这里无须登录：此服务器只应答本机',
  'log in first: ask for an invitation (`bench control invite --web`, for a program `--api`)':
    '请先登录：向管理员索取邀请（`bench control invite --web`，程序用 `--api`）',
  'a viewer may not see this: ask for an invitation for the role operator':
    '只读用户不能查看此内容：请索取角色为 operator 的邀请',
  'a viewer may not do this: ask for an invitation for the role operator':
    '只读用户不能执行此操作：请索取角色为 operator 的邀请',
  'this request comes from a page of another site: list its origin with --web-origin':
    '请求来自其他网站的页面：请用 --web-origin 列出其来源',
  'a request that changes something must come from a page or a program': '会改变内容的请求必须来自页面或程序',
  'requests from {origin} are not taken: list the origin with --web-origin':
    '不接受来自 {origin} 的请求：请用 --web-origin 列出该来源',
  'a request that changes something needs the header X-Bench: 1': '会改变内容的请求必须带请求头 X-Bench: 1',
  'too many requests: at most 50 a second': '请求过多：每秒最多 50 次',
  'control has a fault of its own here: its log says more': '控制端自身出错：其日志中有详细信息',
  'control cannot use its store: try again later, its log says why': '控制端无法使用其存储：请稍后重试，原因见其日志',
  'this server has another name: ask for it by the one that it was started with':
    '此服务器使用另一名称：请用启动时的名称访问',
  'files of the page are only read': '页面的文件只能读取',
  'there is no page here: the API is at /api/v1/openapi.json': '这里没有页面：API 说明见 /api/v1/openapi.json',
  'there is no file {path} of the page': '页面没有文件 {path}',
  'there is no {path}: see {root}/openapi.json': '不存在 {path}：请参阅 {root}/openapi.json',
  '/api/v1{path} takes {methods}': '/api/v1{path} 只接受 {methods}',
  'the path holds a % that begins no character': '路径中有一个 %，其后不是字符编码',
  'the query has {name} twice: give it once': '查询参数 {name} 出现两次：请只给一次',
  'the query is not right: {problems}': '查询参数有误：{problems:said}',
  'the body is not right: {problems}': '请求体有误：{problems:said}',
  'the body must be JSON: send Content-Type: application/json':
    '请求体必须是 JSON：请发送 Content-Type: application/json',
  'the body is no JSON': '请求体不是 JSON',
  'the body is nested more than {levels} levels deep': '请求体的嵌套超过 {levels} 层',
  'the body is too large: at most {size} is taken': '请求体过大：最多接收 {size}',
  'too many bodies are on their way: try again later': '正在接收的请求体过多：请稍后再试',
  'that is {entries} entries, where at most {most} are taken: give a larger `step`, fewer seconds or fewer operations':
    '共 {entries} 项，最多 {most} 项：请给出更大的 `step`、更少的秒数或更少的操作',
  'the body changes nothing: give `note`, `tags` or both': '请求体没有改变任何内容：请给出 `note`、`tags` 或两者',
  'the body must have one of `file` and `text`': '请求体必须有 `file` 和 `text` 之一',
  'the body must say one thing: `vus`, `rate`, `pause` or `resume`':
    '请求体必须且只能给出一项：`vus`、`rate`、`pause` 或 `resume`',
  'all scenarios are paused and resumed together: leave out `scenario`': '所有场景一起暂停和继续：请去掉 `scenario`',
  '`spawnRate` goes with a level: give `vus` or `rate`': '`spawnRate` 要与水平一起给出：请给出 `vus` 或 `rate`',
  'the header Idempotency-Key has more than 200 characters': '请求头 Idempotency-Key 超过 200 个字符',
  'the Idempotency-Key was used for another request before: use a new one':
    '此 Idempotency-Key 已用于另一个请求：请用新的',
  '{streams} streams are open, which is the most: close some of them': '已打开 {streams} 个流，达到上限：请关闭一些',
  '{streams} streams of this session are open, which is the most: close some of them':
    '此会话已打开 {streams} 个流，达到上限：请关闭一些',
  'nothing here is called {name}: give what the answer before had as `after`':
    '这里没有 {name}：请给出上一次应答中的 `after`',
  'this control belongs to one run and takes no other plans': '此控制端只属于一次测试，不接受其他计划',
  'this control belongs to one run and starts no others': '此控制端只属于一次测试，不能启动其他测试',
  'there is no folder of plans: start control with --plans': '没有计划文件夹：请用 --plans 启动控制端',
  'there is no plan {plan} in the folder of plans': '计划文件夹中没有计划 {plan}',
  'the plan has a problem': '计划有 1 处问题',
  'the plan has {count} problems': '计划有 {count} 处问题',
  'run {run} has measured nothing yet': '测试 {run} 还没有测得任何数据',
  'run {run} has no result: it has not ended, or it has failed': '测试 {run} 没有结果：它尚未结束，或已失败',
  'there is no report {format}: there are {formats}': '没有报告 {format}：可用的有 {formats}',
  'there is no report {format} of a comparison: there are {formats}': '对比没有报告 {format}：可用的有 {formats}',
  'the report {format} has no such file: it has {files}': '报告 {format} 没有此文件：它有 {files}',
  '{waiting} comparisons of yours already wait for their turn: try again later':
    '您已有 {waiting} 个对比在排队：请稍后再试',
  'these runs did not offer the same load, so their figures say nothing about the target: {difference} Compare runs of the same load, or add force=true':
    '这些测试施加的负载不同，其数值不能说明被测系统：{difference:said}请对比相同负载的测试，或加上 force=true',
  'give two runs, the one before and the one after; or say with `baseline` which are from before':
    '请给出两次测试，之前的和之后的；或用 `baseline` 指明哪些是之前的',
  '{runs} runs are too many: at most {most} are compared': '{runs} 次测试过多：最多对比 {most} 次',
  'the run {run} is given twice: give each run once': '测试 {run} 给了两次：每次测试请只给一次',
  'there is no baseline and no run {name}': '没有名为 {name} 的基线或测试',
  'the baseline {name} is damaged: set it again, or remove it (`bench baseline`)':
    '基线 {name} 已损坏：请重新设置或移除（`bench baseline`）',
  'there is no run {run}: list the runs with `bench runs`, or over HTTP with GET /api/v1/runs':
    '没有测试 {run}：用 `bench runs` 或 HTTP 的 GET /api/v1/runs 列出所有测试',
  'a run can ask for at most {most} labels, of 1 to 80 letters, digits and . _ - each: name=value':
    '测试最多可指定 {most} 个标签，每个由 1 到 80 个字母、数字和 . _ - 组成：name=value',
  'must be `all` or whole numbers with commas between them': '必须是 `all`，或用逗号分隔的整数',
  'must be ids with commas between them': '必须是用逗号分隔的 id',
};
