// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sentences show references as plans have them
import type { Sentences } from './form.ts';

/** What the drivers for MySQL, Milvus and gRPC find wrong with their options and their target. */
export const driversZhCn: Sentences = {
  // plugins/mysql*
  'driver "{driver}" needs a database: give the plan a target such as mysql://user:${env:DB_PASSWORD}@127.0.0.1:3306/database':
    '驱动 "{driver}" 需要数据库：请给计划 target，例如 mysql://user:${env:DB_PASSWORD}@127.0.0.1:3306/database',
  'monitor "mysql" needs a url, because the plan has no mysql target':
    '监控 "mysql" 需要 url，因为计划的 target 不是 MySQL',
  'monitor "prometheus" needs a url, because the plan has no http target':
    '监控 "prometheus" 需要 url，因为计划的 target 不是 HTTP',
  '"{url}" is not a database URL: write it like mysql://user:${env:DB_PASSWORD}@127.0.0.1:3306/database':
    '"{url}" 不是数据库 URL：请写成 mysql://user:${env:DB_PASSWORD}@127.0.0.1:3306/database 的形式',
  'the URL has the option {name} twice: leave one out': 'URL 的选项 {name} 出现两次：请去掉一个',
  'charset={charset} is not possible: bench always speaks utf8mb4 with the server; leave charset out':
    '不能使用 charset={charset}：bench 与服务器始终使用 utf8mb4；请去掉 charset',
  'socket is the path of a socket file on this host: write mysql://user@localhost/database?socket=/path':
    'socket 是本机套接字文件的路径：请写成 mysql://user@localhost/database?socket=/path 的形式',
  'its option {name} is not known: did you mean {guess}?': '它的选项 {name} 未知：您是指 {guess} 吗？',
  'its option {name} is not known: it may have {names}': '它的选项 {name} 未知：可用的有 {names}',
  '{option} is empty: give it the path of a PEM file': '{option} 为空：请给出 PEM 文件的路径',
  'a client certificate needs both: give ssl-cert and ssl-key': '客户端证书两者都要：请给出 ssl-cert 和 ssl-key',
  'ssl-mode=PREFERRED may end without encryption: write REQUIRED, VERIFY_CA or VERIFY_IDENTITY, or DISABLED':
    'ssl-mode=PREFERRED 可能不加密：请写 REQUIRED、VERIFY_CA、VERIFY_IDENTITY 或 DISABLED',
  'ssl-mode={mode} is not known: write DISABLED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY':
    'ssl-mode={mode} 未知：请写 DISABLED、REQUIRED、VERIFY_CA 或 VERIFY_IDENTITY',
  'ssl-mode=DISABLED contradicts ssl-ca, ssl-cert and ssl-key: leave one or the other out':
    'ssl-mode=DISABLED 与 ssl-ca、ssl-cert、ssl-key 矛盾：请去掉其中一方',
  'connectTimeout={text} is not a duration of at most 1h: write it with a unit, such as 500ms or 5s':
    'connectTimeout={text} 不是最长 1h 的时长：请带单位，例如 500ms 或 5s',
  '{name}={value} is not possible: write true or false': '不能使用 {name}={value}：请写 true 或 false',
  'its {option} and the option tls say twice how to encrypt: leave one of them out':
    '它的 {option} 和选项 tls 都规定如何加密：请去掉其中之一',
  'it must begin with mysql://, not {scheme}://': '它必须以 mysql:// 开头，而不是 {scheme}://',
  'it names no user: {example}': '它没有给出用户：{example:said}',
  'it names no database: {example}': '它没有给出数据库：{example:said}',
  'write it like mysql://user:password@host:port/database': '请写成 mysql://user:password@host:port/database 的形式',
  'a client certificate needs both: give cert and key': '客户端证书两者都要：请给出 cert 和 key',
  "another {kind} driver makes the run's own table of the same database too: give each driver a table of its own, or one that only reads the table that the other names":
    '另一个 {kind} 驱动也在同一数据库建本次测试的表：请给每个驱动各自的表，或让只读的一个使用另一个的表',
  "another {kind} driver uses the same table of the same database, and each would count the other's rows: give each driver a table of its own":
    '另一个 {kind} 驱动使用同一数据库的同一张表，会互相计入对方的行：请给每个驱动各自的表',
  'is a built-in operation: give yours another name': '是内置操作：请换一个名称',
  'values do not go into the SQL, but into parameters: write ? there, and a template in parameters (only ${table} is taken here), not {value}':
    '值不写在 SQL 里，而写在 parameters 里：请在 SQL 中写 ?，在 parameters 中写模板（这里只接受 ${table}），而不是 {value}',

  // plugins/milvus*
  'contains a user name: give it as token, user:password, instead': '含有用户名：请改用 token 给出 user:password',
  'must have letters, digits and _ only, not begin with a digit, and have at most 255 of them':
    '只能由字母、数字和 _ 组成，不以数字开头，最多 255 个',
  'must contain one int64 with primary: true': '必须有一个 primary: true 的 int64',
  'must contain one floatVector': '必须有一个 floatVector',
  'have no vector {field} for the index': '没有索引所用的向量 {field}',
  '{name} needs values': '{name} 需要 values',
  'must have either generate or file': '必须有 generate 和 file 之一',
  'must have either k or file': '必须有 k 和 file 之一',
  'must have exactly one of search, insert, upsert, delete and query':
    'search、insert、upsert、delete、query 必须有且只有一个',
  'needs a file (or generate), as the data are from a file': '需要 file（或 generate），因为数据来自文件',
  'is more than the 64 MiB that Milvus takes in one call: at {dim} dimensions at most {most}':
    '超过 Milvus 一次调用接收的 64 MiB：{dim} 维时最多 {most}',
  'queries × k × {sets} (all rows, those with each value of a field, and those of each partition) must be at most {most}':
    'queries × k × {sets}（全部数据，以及字段每个值、每个分区的数据）最多 {most}',
  '"{value}" is longer than maxLength': '"{value}" 比 maxLength 长',
  'unknown placeholder {text}: known are ${pick:field} and ${ids:10}':
    '未知的占位符 {text}：可用的有 ${pick:field} 和 ${ids:10}',
  '{text}: there is no field {field} with values': '{text}：没有带 values 的字段 {field}',
  'needs ids of rows, which are not known where the primary key is auto': '需要行的 id，而主键为 auto 时它们未知',
  'needs loaded rows: data.rows must be at least {least}': '需要已装载的行：data.rows 至少为 {least}',
  'writes, but a collection with reuse: true may only be read: its rows have to stay as they are':
    '会写入，而 reuse: true 的集合只能读取：它的行必须保持不变',
  'must name each partition once': '每个分区只能写一次',
  '${pick:{field}}: the value {value} of {field} contains {mark}, which a filter cannot have between {quote} and {quote}':
    '${pick:{field}}：{field} 的值 {value} 含有 {mark}，过滤条件的 {quote} 与 {quote} 之间不能有它',
  'collection.partitions has no {partition}': 'collection.partitions 中没有 {partition}',
  'needs a partition, one of {names}: elsewhere, Milvus would store its rows twice':
    '需要一个分区，以下之一：{names}：否则 Milvus 会把它的行存两份',
  'params.ef must be at least the limit ({limit}), not {ef}': 'params.ef 至少为 limit（{limit}），而不是 {ef}',
  '{operation}: {param} is no parameter of {index}, which has none':
    '{operation}：{param} 不是 {index} 的参数，它没有参数',
  '{operation}: {param} is no parameter of {index}; its own is {own}':
    '{operation}：{param} 不是 {index} 的参数；它的参数是 {own}',
  'is no .fbin file: it has no header': '不是 .fbin 文件：它没有文件头',
  'is no .fbin file: it would have {rows} rows of {dims} dimensions': '不是 .fbin 文件：它会有 {rows} 行 {dims} 维',
  'has vectors of {dims} dimensions, and the field has dim: {dim}': '向量为 {dims} 维，而字段的 dim 为 {dim}',
  'ends early: it has {whole} of the {rows} rows that its header tells of':
    '文件不完整：文件头说有 {rows} 行，实际只有 {whole} 行',
  'is no .fvecs or .ivecs file: its first row would have {width} values, and it has {size} bytes':
    '不是 .fvecs 或 .ivecs 文件：第一行应有 {width} 个值，而文件有 {size} 字节',
  'ends early: of the row {row} (from 0) it has {some} of {all} bytes':
    '文件不完整：第 {row} 行（从 0 起）只有 {some} / {all} 字节',
  'is damaged: the row {row} (from 0) would have {values} values, and those before it have {width}':
    '文件已损坏：第 {row} 行（从 0 起）应有 {values} 个值，而之前的行有 {width} 个',
  'is no file of nearest rows: one of {rows} queries with {width} rows each has {bytes} bytes, or {more} with distances, not {size}':
    '不是最近行的文件：{rows} 个查询、各 {width} 行时应有 {bytes} 字节（含距离为 {more} 字节），而不是 {size}',
  'has {rows} rows for each query, and Milvus finds at most {most}':
    '每个查询有 {rows} 行，而 Milvus 最多返回 {most} 行',
  'has more than {most} rows for {queries} queries': '{queries} 个查询的行数超过 {most}',
  'is no file of nearest rows: it has no header': '不是最近行的文件：它没有文件头',
  'cannot be read: {reason}': '无法读取：{reason:said}',
  'another {kind} driver has a search of this name, and their recall would be one figure: give them different names':
    '另一个 {kind} 驱动有同名的 search，它们的召回率会合为一个数：请用不同的名称',
  'another {kind} driver makes the same collection: give each a collection.name of its own':
    '另一个 {kind} 驱动创建同一集合：请各用自己的 collection.name',
  'the server makes the primary keys, so nobody knows which rows are near': '主键由服务器生成，无法知道哪些行相近',
  'the collection was loaded with other rows than the plan describes': '集合装载的数据与计划描述的不同',
  'the nearest rows that the collection was loaded with are those of other queries than the plan describes':
    '集合装载时的最近行属于其他查询，与计划描述的不同',
  '{file} tells of the row {row}, and only {rows} are loaded': '{file} 提到第 {row} 行，而只装载了 {rows} 行',

  // plugins/grpc*
  'there must be either proto or descriptorSet': '必须有 proto 和 descriptorSet 之一',
  'must be a service and a method, such as greeter.Greeter/SayHello, not {value}':
    '必须是服务和方法（如 greeter.Greeter/SayHello），而不是 {value}',
  'there is no method {method}': '没有方法 {method}',
  'there is no method {method}: the files have no unary method': '没有方法 {method}：文件中没有一元方法',
  '{method} answers with a stream: only unary methods can be called': '{method} 以流应答：只能调用一元方法',
  '{method} takes a stream: only unary methods can be called': '{method} 接收流：只能调用一元方法',
  '{file} imports {imported}, which is in none of importPaths':
    '{file} 导入 {imported}，而 importPaths 的文件夹中都没有它',
  '{file} imports {imported}, which is not there: name the folder that it lies in under importPaths':
    '{file} 导入 {imported}，而没有该文件：请在 importPaths 中给出它所在的文件夹',
  '{problem}, nor in what it imports': '{problem}，导入的文件中也没有',
  '{file} describes nothing': '{file} 没有描述任何内容',
  '{file} is no whole descriptor set ({reason}): protoc --include_imports --descriptor_set_out makes one':
    '{file} 不是完整的 descriptor set（{reason}）：请用 protoc --include_imports --descriptor_set_out 生成',
  '{other} is set too, and only one of {oneof} can be': '{other} 也已设置，而 {oneof} 只能设置其中之一',
  'the key must be {wanted}': '键必须是{wanted:said}',
  'must be {type} as it is written in JSON, not {value}': '必须是 JSON 写法的 {type}，而不是 {value}',
  'must be {type} as it is written in JSON, such as {example}, not {value}':
    '必须是 JSON 写法的 {type}（如 {example}），而不是 {value}',
  '{method} takes a stream and answers with one: only unary methods can be called':
    '{method} 接收流并以流应答：只能调用一元方法',
  '{type} has no field {field}': '{type} 没有字段 {field}',
  'its fields: {fields}': '它的字段：{fields}',
  'must be a map with the fields of {type}, not {value}': '必须是含 {type} 各字段的映射，而不是 {value}',
};
