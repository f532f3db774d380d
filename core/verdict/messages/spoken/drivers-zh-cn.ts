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
  '{method} takes a stream and answers with one: only unary methods can be called':
    '{method} 接收流并以流应答：只能调用一元方法',
  '{type} has no field {field}': '{type} 没有字段 {field}',
  'its fields: {fields}': '它的字段：{fields}',
  'must be a map with the fields of {type}, not {value}': '必须是含 {type} 各字段的映射，而不是 {value}',
};
