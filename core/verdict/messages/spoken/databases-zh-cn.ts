// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sentences show references as plans have them
import type { Sentences } from './form.ts';

/** Why drivers, monitors and outputs cannot use a database, or what they need of it. */
export const databasesZhCn: Sentences = {
  // plugins/mysql*
  'the database cannot be prepared: {reason}': '数据库无法准备：{reason:said}',
  'the table {table} cannot be dropped: {reason}': '无法删除表 {table}：{reason:said}',
  'verify.db cannot be asked: {reason}': '无法查询 verify.db：{reason:said}',
  '{address} cannot be sampled: {reason}': '无法采集 {address}：{reason:said}',
  'the MySQL server at {place} cannot be used: {reason}': '无法使用 {place} 的 MySQL 服务器：{reason:said}',
  'the MySQL server at {place} rejects the login of {user}: check the user and the password in the URL (special characters percent-encoded, or by ${env:NAME})':
    '{place} 的 MySQL 服务器拒绝 {user} 登录：请检查 URL 中的用户名和密码（特殊字符用百分号编码，或使用 ${env:NAME}）',
  'a server also answers so to a user who has to use TLS: then set tls (in a URL: ssl-mode)':
    '必须使用 TLS 的用户也会得到此应答：此时请设置 tls（URL 中为 ssl-mode）',
  'the MySQL server at {place} has no database {database}: create it, or correct the URL':
    '{place} 的 MySQL 服务器没有数据库 {database}：请创建，或改正 URL',
  '{user} lacks a right ({reason}): GRANT SELECT, INSERT, CREATE, DROP, INDEX ON {where} TO that user':
    '{user} 缺少权限（{reason}）：请授予该用户对 {where} 的 SELECT、INSERT、CREATE、DROP、INDEX 权限',
  'it has a connectTimeout, and so has the driver: leave one of them out':
    '它有 connectTimeout，驱动也有：请去掉其中之一',
  'there is no such socket file': '没有该套接字文件',
  'this user may not connect to the socket file': '此用户不能连接该套接字文件',
  'it offers no TLS; switch TLS on there, or leave out tls (in a URL: ssl-mode) to connect without':
    '它不提供 TLS；请在服务器上启用，或去掉 tls（URL 中为 ssl-mode）以不加密连接',
  'its certificate is for another host name than the one in the URL': '它的证书属于另一主机名，与 URL 中的不同',
  'its certificate has expired, or is not valid yet': '它的证书已过期，或尚未生效',
  'its certificate is not signed by a trusted authority; name the authority in tls.ca (in a URL: ssl-ca), or accept any certificate with tls.insecure (ssl-mode=REQUIRED)':
    '它的证书不是由受信任的机构签发；请在 tls.ca（URL 中为 ssl-ca）中给出该机构，或用 tls.insecure（ssl-mode=REQUIRED）接受任何证书',
  'what answers there does not speak the MySQL protocol: check host and port':
    '应答的不是 MySQL 协议：请检查主机和端口',
  'it is frozen or overloaded, or waits for a lock that another connection holds (SHOW PROCESSLIST tells)':
    '它停止响应、过载，或在等待另一连接持有的锁（见 SHOW PROCESSLIST）',
  'the server has not answered for {seconds} s: {why}': '服务器已 {seconds} 秒没有应答：{why:said}',
  'the server closed the connection': '服务器关闭了连接',
  'the server did not answer within the connect time limit': '服务器没有在连接时限内应答',
  'it asks for the login method "{method}", which bench does not have; give the user one of {names}':
    '它要求登录方式 "{method}"，bench 不支持；请给该用户其中一种：{names}',
  'it broke off the login with an answer out of order': '它以顺序错误的应答中断了登录',
  'the login failed ({reason})': '登录失败（{reason}）',
  'it asks for the password encrypted with a key that it sends itself, and without TLS nobody knows who it is; use TLS (ssl-mode=VERIFY_IDENTITY in the URL), or, in a network that you trust, add allowPublicKeyRetrieval=true to the URL':
    '它要求用它自己发来的密钥加密密码，而没有 TLS 就无法确认它的身份；请使用 TLS（URL 中加 ssl-mode=VERIFY_IDENTITY），或在可信网络中给 URL 加上 allowPublicKeyRetrieval=true',
  'it asks for the password in clear text (mysql_clear_password); give the user another login method, or use TLS and add allowCleartextPasswords=true to the URL':
    '它要求明文密码（mysql_clear_password）；请给该用户另一种登录方式，或使用 TLS 并给 URL 加上 allowCleartextPasswords=true',
  'the table {table} already exists and was not made by this run, so it is left alone: name it in options.table to use it':
    '表 {table} 已存在且不是本次测试创建的，因此不改动它：如要使用，请写在 options.table 中',
  'options.rows: rows are loaded only into a table that the run makes, not into {table}':
    'options.rows：只向本次测试创建的表装载数据，不向 {table} 装载',
  'the table {table} could be made but not dropped, and is still there, empty: {reason}. GRANT DROP to that user':
    '表 {table} 可以创建但无法删除，仍以空表留在那里：{reason}。请授予该用户 DROP 权限',
  'operation {name}: {reason}': '操作 {name}：{reason:said}',
  'it was tried once before the load, and its changes are still there, because it writes into a table that has no transactions, through a view or a trigger: change the engine of that table to InnoDB':
    '负载之前试运行了一次，它的改动仍在，因为它通过视图或触发器写入不支持事务的表：请把该表的引擎改为 InnoDB',
  'the SQL has {wanted} ?, and there are {given} parameters: {sql}': 'SQL 有 {wanted} 个 ?，而参数有 {given} 个：{sql}',
  'the server answered {message}': '服务器应答 {message}',
  'parameters[{index}]: {value} is not {wanted}': 'parameters[{index}]：{value} 不是{wanted:said}',

  // plugins/postgres*
  'the database cannot be reached': '无法连接数据库',
  'the url is no PostgreSQL URL': 'url 不是 PostgreSQL 的 URL',
  'the package pg is not there: install it beside bench with `npm install pg`':
    '缺少 pg 包：请用 `npm install pg` 安装在 bench 旁边',
  'the server asks for the password in clear text, which others can read on the way: add sslmode=require to the URL, or have the server ask by scram-sha-256':
    '服务器要求明文密码，途中可能被读取：请给 URL 加上 sslmode=require，或让服务器使用 scram-sha-256',
  'the server answered with more than {size} MiB': '服务器的应答超过 {size} MiB',
  '{message}: have the owner of the database run GRANT CREATE ON SCHEMA {place} TO {user}, which is needed until the tables are there':
    '{message}：请让数据库的所有者执行 `GRANT CREATE ON SCHEMA {place} TO {user}`，建好表之前需要它',
  '{message}: have the owner of the table run GRANT SELECT, INSERT, UPDATE ON {place} TO {user}':
    '{message}：请让表的所有者执行 `GRANT SELECT, INSERT, UPDATE ON {place} TO {user}`',
  'second {second} is left out, because the database refuses its figures: {reason}':
    '第 {second} 秒被略去，因为数据库拒绝它的数据：{reason}',

  // plugins/milvus*
  'there is no collection {collection}': '没有集合 {collection}',
  'the collection {collection} exists already: name another, drop it, or use it as it is with collection.reuse: true':
    '集合 {collection} 已存在：请换名、删除它，或用 collection.reuse: true 直接使用',
  'the collection {collection} has {stored} rows, not the {rows} of the plan':
    '集合 {collection} 有 {stored} 行，而不是计划的 {rows} 行',
  'the collection {collection} has {stored} rows, not the {rows} of the plan: name another, or drop it':
    '集合 {collection} 有 {stored} 行，而不是计划的 {rows} 行：请换名，或删除它',
  'the collection {collection} has other fields than the plan: it has {there}, and the plan {wanted}. Name another collection, or correct collection.fields':
    '集合 {collection} 的字段与计划不同：它有 {there}，而计划有 {wanted}。请换一个集合，或改正 collection.fields',
  'the index cannot be built: {reason}': '无法建立索引：{reason}',
  'the index is not ready after {seconds} s ({percent} % of the rows): raise prepare.waitIndex':
    '索引在 {seconds} 秒后仍未就绪（已包含 {percent} % 的行）：请调大 prepare.waitIndex',
  'the server did not answer with a number of rows when it was asked for count(*) of {collection}':
    '查询 {collection} 的 count(*) 时，服务器没有应答行数',
  '{problem}. Some rows may be stored: keys that the server makes cannot be sent again':
    '{problem:said}。部分数据可能已存储：由服务器生成的主键无法重发',
  'the answer is not that of a Milvus': '应答不是 Milvus 的',
  'the property {name} of the collection is damaged: drop the collection': '集合的属性 {name} 已损坏：请删除该集合',
  'operations.{name}: Milvus refuses it: {reason}': 'operations.{name}：Milvus 拒绝它：{reason:said}',
  'operations.{name}: Milvus refuses it with the filter {filter}: {reason}':
    'operations.{name}：Milvus 拒绝它和过滤条件 {filter}：{reason:said}',
  'Milvus, {method}: {reason} ({kind})': 'Milvus，{method}：{reason:said}（{kind}）',
  '{file} ends early: it has changed while it was read': '{file} 不完整：读取时它被修改',
};
