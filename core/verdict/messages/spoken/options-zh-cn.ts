// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sentences show references as plans have them
import type { Sentences } from './form.ts';

/** What built-in plugins find wrong with their options, their files and the target; and what is wrong with modules. */
export const optionsZhCn: Sentences = {
  // plugins/loader
  'it is not loaded after {seconds} s, perhaps because of what it awaits or does at its top level':
    '{seconds} 秒后仍未加载，可能是因为它在顶层等待或执行的内容',
  '"{name}" is not a shape: it has no default export': '"{name}" 不是 shape：它没有默认导出',
  'write `export default defineShape((seconds) => …)`': '请写 `export default defineShape((seconds) => …)`',
  '"{name}" was made for version {version} of the plugin interface, and this bench has version {own}: use a release of the plugin, or of bench, that goes with the other':
    '"{name}" 为插件接口版本 {version} 编写，而此 bench 的版本是 {own}：请使用互相匹配的插件或 bench',
  '"{name}" is not a user: {problem}': '"{name}" 不是 user：{problem:said}',
  'it has no default export': '它没有默认导出',
  'its default export is no object': '它的默认导出不是对象',
  'write `export default defineUser({ … })`': '请写 `export default defineUser({ … })`',
  'it has tasks and iterate: keep one of them': '它同时有 tasks 和 iterate：请只保留一个',
  'it has neither tasks nor iterate': '它既没有 tasks 也没有 iterate',
  'its iterate is no function': '它的 iterate 不是函数',
  'its {hook} is no function': '它的 {hook} 不是函数',
  'its drivers are no list of names': '它的 drivers 不是名称的列表',
  'its tasks are no object of tasks by name': '它的 tasks 不是“名称: 任务”的对象',
  'its task "{name}" has no function run': '它的任务 "{name}" 没有函数 run',
  'the weight of its task "{name}" must be a number of at least 0': '它的任务 "{name}" 的权重必须是不小于 0 的数',
  'the weights of its tasks add up to 0: give at least one task a weight above 0':
    '它的各任务权重之和为 0：请至少给一个任务大于 0 的权重',
  '"{name}" is not {what}: it {found}': '"{name}" 不是{what:said}：它{found:said}',
  'write `export default {define}({ … })`': '请写 `export default {define}({ … })`',
  '{file} cannot be read as the manifest of a package: {reason}': '{file} 不能作为包的 package.json 读取：{reason}',
  'the {what} "{name}" was not sent with the run': '{what:said} "{name}" 没有随测试发送',
  'it has no task in tasks': '它的 tasks 中没有任务',

  // plugins/data
  'data file {file}, {problem}': '数据文件 {file}，{problem:said}',
  'line {line}: it is no CSV': '第 {line} 行：不是 CSV',
  'line {line}: the row has {values} values, but there are {columns} columns':
    '第 {line} 行：该行有 {values} 个值，而列有 {columns} 个',
  'line {line}: a quote is opened and never closed': '第 {line} 行：引号没有闭合',
  'line 1: two columns are named "{column}"': '第 1 行：有两列名为 "{column}"',
  'line {line} is not UTF-8 text; save the file with the encoding UTF-8':
    '第 {line} 行不是 UTF-8 文本；请以 UTF-8 编码保存文件',
  'entry {entry}: must be an object': '第 {entry} 项：必须是对象',
  'entry {entry}: "{column}" is missing': '第 {entry} 项：缺少 "{column}"',
  'entry {entry}: "{column}" contains half a character (a lone surrogate)':
    '第 {entry} 项："{column}" 含有不完整的字符（单独的 surrogate）',
  'entry {entry}: the key "{key}" occurs twice in one object': '第 {entry} 项：键 "{key}" 在同一对象中出现两次',
  'data file {file} has no rows': '数据文件 {file} 没有行',
  'data file {file} has no column "{column}"': '数据文件 {file} 没有列 "{column}"',
  'data file {file}: its name must end in .csv, .tsv or .json': '数据文件 {file}：名称必须以 .csv、.tsv 或 .json 结尾',
  'data file {file} cannot be read: {reason}': '无法读取数据文件 {file}：{reason:said}',
  'data file {file} is not JSON: {reason}': '数据文件 {file} 不是 JSON：{reason}',
  'data file {file} must hold a list of objects': '数据文件 {file} 必须是对象的列表',
  'placeholder {text}: there is no data "{set}"': '占位符 {text}：没有数据 "{set}"',
  'name its file under data.{set}': '请在 data.{set} 中给出其文件',
  'unknown placeholder {text}': '未知的占位符 {text}',
  'known: {names}': '可用的有：{names}',
  '{text}: the least value must not be above the most': '{text}：最小值不能大于最大值',
  '{text}: say how many decimals its values have, such as {example}': '{text}：请说明值有几位小数，例如 {example}',
  '{text}: say how many decimals its values have, with at most nine decimals': '{text}：请说明值有几位小数，最多九位',
  '{text}: there are more than 2^32 such values': '{text}：这样的值超过 2^32 个',

  // plugins/net and plugins/http
  'driver "{driver}" needs a target: set it in the plan, or use --host http://127.0.0.1:5002':
    '驱动 "{driver}" 需要 target：请在计划中设置，或使用 --host http://127.0.0.1:5002',
  '{problem} (driver {drivers})': '{problem:said}（驱动 {drivers}）',
  '{problem} (drivers {drivers})': '{problem:said}（驱动 {drivers}）',
  'is not a URL: write it like http://127.0.0.1:5002': '不是 URL：请写成 http://127.0.0.1:5002 的形式',
  'must begin with http:// or https://': '必须以 http:// 或 https:// 开头',
  "contains a user name or password: send it in the operation's Authorization header instead":
    '含有用户名或密码：请改用操作的 Authorization 请求头发送',
  'contains a query, which would be lost: write it in the path of each operation instead':
    '含有查询参数，会丢失：请写在各操作的 path 中',
  'contains a fragment (#…), which is never sent: remove it': '含有片段（#…），它从不发送：请去掉',
  'must be an http URL, not {value}': '必须是 http URL，而不是 {value}',
  'must contain at least one operation': '至少要有一个操作',
  'must be a status such as 200, a list of them, or a class such as "2xx", not {value}':
    '必须是状态码（如 200）、其列表，或一类（如 "2xx"），而不是 {value}',
  'must be a text, a number, true, false or null, not {value}': '必须是文本、数、true、false 或 null，而不是 {value}',
  'must be a method such as GET, not {value}': '必须是方法（如 GET），而不是 {value}',
  'is set by the client itself, with the boundary of the multipart body: leave it out':
    '由客户端自行设置，带 multipart 请求体的分隔符：请去掉',
  'is not allowed in HTTP/2: leave it out': 'HTTP/2 不允许使用：请去掉',
  'goes with redirects: follow, and no redirect is followed': '要与 redirects: follow 一起使用，而这里不跟随重定向',
  'must begin with /, or be a whole URL such as https://shop.test/items, not {value}':
    '必须以 / 开头，或是完整的 URL（如 https://shop.test/items），而不是 {value}',
  'must not contain spaces or #: write them as %20 and %23': '不能含有空格或 #：请写成 %20 和 %23',
  'the host must be the same for all requests of an operation, because it is looked up before the load: write placeholders after it only':
    '一个操作的所有请求必须使用同一主机，因为它在负载之前解析：占位符请只写在其后',
  'must not be empty: it is the name of a field': '不能为空：它是字段的名称',
  'must not contain a placeholder: names of fields are sent as they stand': '不能含有占位符：字段名按原样发送',
  'must be text, a number, true or false, or a list of these, not {value}':
    '必须是文本、数、true 或 false，或它们的列表，而不是 {value}',
  'must contain at least one field': '至少要有一个字段',
  'must be a content type such as image/png, not {value}': '必须是内容类型（如 image/png），而不是 {value}',
  'must have the key text, json or file, not {value}: write text, {text: …}, {json: …} or {file: …}':
    '必须有键 text、json 或 file，而不是 {value}：请写文本、{text: …}、{json: …} 或 {file: …}',
  'must have the key json, form, multipart or file, not {value}: write text, {json: …}, {form: …}, {multipart: …}, {file: …} or {file: …, template: true}':
    '必须有键 json、form、multipart 或 file，而不是 {value}：请写文本、{json: …}、{form: …}、{multipart: …}、{file: …} 或 {file: …, template: true}',
  'must be JSON, not {value}': '必须是 JSON，而不是 {value}',
  '{place}.file: {file} cannot be read: {reason}': '{place}.file：无法读取 {file}：{reason:said}',
  'must be { pool: {count} } for {count} connections that virtual users share':
    '如需虚拟用户共用 {count} 个连接，必须写 { pool: {count} }',
  'must be a path such as data.token or items[*].id, not {value}':
    '必须是路径（如 data.token 或 items[*].id），而不是 {value}',
  '{value} is not a valid header name': '{value} 不是有效的请求头名称',
  'goes with header or cookie, or stands alone': '要与 header 或 cookie 一起使用，或单独使用',
  'must say where the value is: {places}': '必须说明值在哪里：{places:said}',
  'may only be "trailers" in HTTP/2': '在 HTTP/2 中只能是 "trailers"',
  'must be a scheme, a host and perhaps a port, such as https://id.example.test, not {value}':
    '必须是协议、主机和可选的端口（如 https://id.example.test），而不是 {value}',
  'must have at most 24 letters, digits, - or _': '最多 24 个字母、数字、- 或 _',
  'must begin with / and contain no spaces, not {value}; the host comes from the target or baseUrl':
    '必须以 / 开头且不含空格，而不是 {value}；主机来自 target 或 baseUrl',
  'must not contain placeholders, because its host is looked up before the load':
    '不能含有占位符，因为它的主机在负载之前解析',
  'a client certificate needs both cert and key': '客户端证书需要 cert 和 key 两者',
  'acceptEncoding: this runtime cannot decompress {codings}: leave it out':
    'acceptEncoding：此运行时不能解压 {codings}：请去掉',
  '{value} is not a valid name of metadata': '{value} 不是有效的元数据名称',
  'must not contain line breaks or control characters': '不能含有换行或控制字符',
  'is set by the client itself: leave it out': '由客户端自行设置：请去掉',
  'is the same as {name}: give one of them': '与 {name} 相同：请只给出一个',
  'is not a URL: write it like http://proxy.example:3128': '不是 URL：请写成 http://proxy.example:3128 的形式',
  'must begin with http://: only a proxy that is itself asked without TLS can be used':
    '必须以 http:// 开头：只能使用自身不用 TLS 的代理服务器',
  'contains a user name or password: only a proxy without a login can be used':
    '含有用户名或密码：只能使用无须登录的代理服务器',
  'must be a host and a port, without a path': '必须是主机和端口，不带路径',
  'must be an IP address of this host, such as 192.0.2.7, not {value}':
    '必须是本机的 IP 地址（如 192.0.2.7），而不是 {value}',
  'must all be IPv4 or all be IPv6': '必须全是 IPv4 或全是 IPv6',
  '{place}.file: {file}: the files of this body have more than 256 MiB together':
    '{place}.file：{file}：此请求体的文件合计超过 256 MiB',
  '{place}.file: {file}, {problem}, or send it without template':
    '{place}.file：{file}，{problem:said}，或不用 template 发送',
  '{place}.file: {file}: references to variables and files have values in the plan only; write $${ for a plain ${':
    '{place}.file：{file}：对变量和文件的引用只在计划中有值；如需 ${ 本身，请写 $${',
  '"{prefix}" and the "{earlier}" of another {kind} driver begin alike, and each would count the other\'s rows: give each driver a devicePrefix of its own':
    '"{prefix}" 与另一个 {kind} 驱动的 "{earlier}" 开头相同，会互相计入对方的行：请给每个驱动各自的 devicePrefix',

  // monitors and outputs
  '{value} is not an expression for a metric: write name, name{label="value"}, rate(…) of one of these, or a calculation with + - * / and such parts':
    '{value} 不是指标的表达式：请写 name、name{label="value"}、它们的 rate(…)，或由 + - * / 组成的算式',
  'must not contain a fragment (#…), which is never sent: remove it': '不能含有片段（#…），它从不发送：请去掉',
  'the target contains a query or a fragment: give the monitor "prometheus" a url of its own':
    'target 含有查询参数或片段：请给监控 "prometheus" 单独的 url',
  'must be letters, digits and _': '只能是字母、数字和 _',
  'must name at least one event': '至少要有一个事件',
  'must be ${env:NAME} or ${file:path}, because plans are stored and printed':
    '必须是 ${env:NAME} 或 ${file:path}，因为计划会被存储和显示',
  'must hold ${env:NAME} or ${file:path}, because plans are stored and printed':
    '必须含有 ${env:NAME} 或 ${file:path}，因为计划会被存储和显示',
  'must have the path of its receiver, such as /api/v1/write': '必须带接收端的路径，例如 /api/v1/write',
  'must be a PostgreSQL URL, not {value}': '必须是 PostgreSQL 的 URL，而不是 {value}',
};
