import type { Sentences } from './form.ts';

/** Why drivers, monitors and outputs cannot use a server that is no database, or what they need of a host. */
export const serversZhCn: Sentences = {
  // plugins/net/network-error.ts
  'connection refused': '连接被拒绝',
  'connection reset': '连接被重置',
  'connection aborted': '连接被中止',
  'connection closed while the request was being sent': '发送请求时连接被关闭',
  'the network did not answer in time': '网络没有及时应答',
  'no route to the host': '没有到该主机的路由',
  'no route to the network': '没有到该网络的路由',
  'the host name does not exist': '主机名不存在',
  'the name server does not answer': '域名服务器没有应答',
  'this host has no free local port; keep connections, widen net.ipv4.ip_local_port_range, or use more agents':
    '本机没有空闲的本地端口；请保持长连接、扩大 net.ipv4.ip_local_port_range，或使用更多代理',
  'this process has reached its limit of open files; raise `ulimit -n`':
    '此进程打开的文件数已达上限；请调大 `ulimit -n`',
  'this host has reached its limit of open files; raise fs.file-max': '本机打开的文件数已达上限；请调大 fs.file-max',
  'the certificate is not signed by a trusted authority; name its authority in tls.ca, or set tls.insecure':
    '证书不是由受信任的机构签发；请在 tls.ca 中给出该机构，或设置 tls.insecure',
  'the certificate has expired': '证书已过期',
  'the certificate is not valid yet': '证书尚未生效',
  'the certificate is for another host name; set that name in tls.serverName':
    '证书属于另一主机名；请在 tls.serverName 中给出该名称',
  'the server does not speak TLS on this port': '服务器在此端口不使用 TLS',
  'the server requires a client certificate; set tls.cert and tls.key':
    '服务器要求客户端证书；请设置 tls.cert 和 tls.key',
  'the proxy answered {status}': '代理服务器应答 {status}',
  'what the server sent is not HTTP/2': '服务器发来的不是 HTTP/2',
  'what the proxy answered is not HTTP/1.1': '代理服务器的应答不是 HTTP/1.1',
  'the server does not offer HTTP/2': '服务器不支持 HTTP/2',
  'no connection within {ms} ms': '{ms} 毫秒内没有建立连接',
  'no complete answer within {ms} ms': '{ms} 毫秒内没有完整的应答',
  'no answer within {seconds} s': '{seconds} 秒内没有应答',
  'TLS failed ({reason})': 'TLS 失败（{reason}）',

  // plugins/http, plugins/verify, plugins/prometheus.ts, plugins/series
  '{what} cannot be reached': '无法连接 {what}',
  '{what} cannot be reached: {reason}': '无法连接 {what}：{reason:said}',
  '{what} cannot be reached through the proxy {proxy}: {reason}':
    '无法通过代理服务器 {proxy} 连接 {what}：{reason:said}',
  '{what} cannot be reached at {url}: {reason}': '在 {url} 无法访问 {what}：{reason:said}',
  '{problem}. Start it, or choose another one with --host': '{problem:said}。请启动它，或用 --host 指定另一个',
  '{problem}. Start it, or change it in the plan': '{problem:said}。请启动它，或在计划中修改',
  '{problem}. Choose another one with --host': '{problem:said}。请用 --host 指定另一个',
  '{problem}. Change it in the plan': '{problem:said}。请在计划中修改',
  '{problem}. Start it, or correct the URL': '{problem:said}。请启动它，或改正 URL',
  '{host}: only {some} of its {all} addresses get load, because {silent} cannot be reached':
    '{host}：{all} 个地址中只有 {some} 个承受负载，因为无法连接 {silent}',
  'localIPs: {ip} is no address of this host': 'localIPs：{ip} 不是本机的地址',
  'tls.{name}: the file "{file}" cannot be read: {reason}': 'tls.{name}：无法读取文件 "{file}"：{reason:said}',
  'tls: the certificate or key cannot be used: {reason}': 'tls：证书或密钥无法使用：{reason}',
  'stored rows cannot be counted: {reason}': '无法统计落库行数：{reason:said}',
  '{value} is not a count of rows': '{value} 不是行数',
  '{what} did not answer with JSON': '{what} 的应答不是 JSON',
  'verify.db: there is no SQLite file {file}': 'verify.db：没有 SQLite 文件 {file}',
  '{what} must answer {"devices": {id: rows}}; without it, name the database in verify.db':
    '{what} 必须应答 {"devices": {id: rows}}；否则请在 verify.db 中给出数据库',
  '{name} answered with more than {count} values': '{name} 的应答超过 {count} 个值',
  '{url} answered more than {size} MiB': '{url} 的应答超过 {size} MiB',
  '{url} leads to {origin}, where the monitor does not follow: give the address there':
    '{url} 重定向到 {origin}，监控不会跟随：请给出那里的地址',
  '{url} answered more than {most} redirects': '{url} 的重定向超过 {most} 次',
  '{url} is not a Prometheus page: {reason}': '{url} 不是 Prometheus 页面：{reason:said}',
  'line {line} is not a metric: {text}': '第 {line} 行不是指标：{text}',
  '{url} has none of the expected metrics: name some that it has in options.metrics':
    '{url} 没有预期的指标：请在 options.metrics 中给出它有的指标',
  '{place} has not answered within {seconds} s': '{place} 在 {seconds} 秒内没有应答',
  '{place} has not taken {points} points: {reason}': '{place} 没有接收 {points} 个数据点：{reason}',
  '{refused} of {all} pushes were refused, wholly or in part': '{all} 次推送中有 {refused} 次被全部或部分拒绝',
  'the header {name} has a value that cannot be sent': '请求头 {name} 的值无法发送',
  '{variable} is {value}; known here: {names}': '{variable} 为 {value}；这里可用的有：{names}',
  '{variable} must be a whole number of milliseconds from 1 to {most}': '{variable} 必须是 1 到 {most} 的整数毫秒',
  'certificates of OTEL_EXPORTER_OTLP_… count with grpc alone: for HTTP, start control with NODE_EXTRA_CA_CERTS':
    'OTEL_EXPORTER_OTLP_… 的证书只用于 grpc：如用 HTTP，请带 NODE_EXTRA_CA_CERTS 启动控制端',
  'the url is no http URL': 'url 不是 http URL',
  '{path} cannot be read': '无法读取 {path}',
  'the secret must be {prefix} and base64, as the receiver shows it':
    'secret 必须是 {prefix} 加 base64，与接收端显示的一致',
};
