import type { Sentences } from './form.ts';

/** A few words within sentences. */
export const phrasesZhCn: Sentences = {
  // A limit and how far a figure is from it: `excessText` in message.ts.
  'exactly the limit': '恰好等于限值',
  '{share} under the limit': '比限值低 {share}',
  '{times} times the limit': '是限值的 {times} 倍',
  '{times} times the allowed failures': '失败数是允许值的 {times} 倍',
  '{share} over the limit': '超出限值 {share}',
  '{share} more failures than allowed': '失败数比允许值多 {share}',
  '{count} virtual users': '{count} 个虚拟用户',
  '1 virtual user': '1 个虚拟用户',

  // States of a run.
  queued: '排队中',
  waiting: '等待代理',
  preparing: '准备中',
  running: '运行中',
  draining: '正在停止',
  verifying: '核对中',
  finished: '已结束',
  failed: '无结果',
  prepared: '已准备',

  // What a value must be.
  text: '文本',
  'a map': '映射',
  'a list': '列表',
  'a whole number': '整数',
  'a number': '数',
  'true or false': 'true 或 false',
  null: 'null',
  'one of {values}': '以下之一：{values}',
  'text of the format {format}': '格式为 {format} 的文本',
  'text that matches {pattern}': '匹配 {pattern} 的文本',
  'at least {least}': '至少 {least}',
  'at most {most}': '最多 {most}',
  'more than {least}': '大于 {least}',
  'less than {most}': '小于 {most}',
  'a multiple of {divisor}': '{divisor} 的倍数',
  'a whole number from {least} to {most}': '{least} 到 {most} 的整数',
  'a number from {least}': '不小于 {least} 的数',
  'a number up to {most}': '不超过 {most} 的数',
  'a share from 0 to 1, such as 0.05': '0 到 1 的比例，例如 0.05',
  'a duration with a unit, such as "90s" or "250ms"': '带单位的时长，例如 "90s" 或 "250ms"',
  'a rate such as 100 or "100/s"': '速率，例如 100 或 "100/s"',
  'a percentage such as "5%"': '百分比，例如 "5%"',
  'a number, text, true or false': '数、文本、true 或 false',
  'none, follow, or a number of redirects from 0 to {most}': 'none、follow，或 0 到 {most} 的重定向次数',
  '{ways}, or { pool: 20 } with at most {most}': '{ways}，或 { pool: 20 }，最多 {most}',
  nothing: '没有内容',

  // What replaces the load of a plan.
  'constant-vus: {vus} virtual users for {time}': 'constant-vus：{vus} 个虚拟用户，持续 {time}',
  'ramping-vus: {vus} virtual users, then {stages}': 'ramping-vus：{vus} 个虚拟用户，然后 {stages}',
  'constant-arrival-rate: {rate} per second for {time}': 'constant-arrival-rate：每秒 {rate} 次，持续 {time}',
  '{executor}: {vus} virtual users, {iterations} iterations, at most {time}':
    '{executor}：{vus} 个虚拟用户，{iterations} 次迭代，最长 {time}',
  'shape: {shape}, at most {time}': 'shape：{shape}，最长 {time}',

  // What a plan names.
  driver: '驱动',
  monitor: '监控',
  output: '输出',
  report: '报告',
  script: '脚本',
  module: '模块',
  file: '文件',
  address: '地址',
  operations: 'operations',
  'a flow': 'flow',
  'a script': 'user',
  'a plan that was sent': '上传的计划',
  'a plan whose target or parameters were sent': '由请求给出 target 或参数的计划',
  characters: '个字符',
  entries: '项',
};
