import type { Sentences } from './form.ts';

/** Why a run cannot be changed, stopped, deleted or cleaned up as somebody asks. */
export const changesZhCn: Sentences = {
  'run {run} has ended already': '测试 {run} 已经结束',
  'run {run} is under way: stop it first': '测试 {run} 正在进行：请先停止它',
  'run {run} is under way: stop it first; it then cleans up by itself':
    '测试 {run} 正在进行：请先停止它，随后它会自行清理',
  'run {run} has ended and is not stored yet: try again later': '测试 {run} 已结束但尚未存储：请稍后再试',
  'run {run} is part of the baseline {baseline}, which others are compared with: remove that first (`bench baseline remove`)':
    '测试 {run} 属于基线 {baseline}，其他测试要与之对比：请先移除该基线（`bench baseline remove`）',
  'what the drivers of run {run} made may still be there, and only its plan tells how to remove it: clean up first (`bench cleanup {run}`, or over HTTP with POST /api/v1/runs/{run}/cleanup); if that can never succeed, delete the run with --force, or over HTTP with ?force=true':
    '测试 {run} 的驱动创建的内容可能还在，只有它的计划知道如何清除：请先清理（`bench cleanup {run}`，或通过 HTTP 的 POST /api/v1/runs/{run}/cleanup）；如果永远无法清理，请用 --force 或 HTTP 的 ?force=true 删除测试',
  'run {run} belongs to another control that uses the same store': '测试 {run} 属于使用同一存储的另一个控制端',
  'the plan of run {run} can no longer be read ({reason}): mend that, or delete the run with `bench delete {run} --force`, and what it made stays':
    '测试 {run} 的计划已无法读取（{reason:said}）：请修复，或用 `bench delete {run} --force` 删除测试，它创建的内容会留下',
  'the result of run {run} cannot be read: it is damaged in the store, or another version of bench has written it; {command} says more':
    '无法读取测试 {run} 的结果：它在存储中已损坏，或由其他版本的 bench 写入；{command} 会说明详情',
  'the run cannot be started: {reason}': '测试无法启动：{reason:said}',
  'the content of {name} was not sent, or is no longer kept: start the run again':
    '{name} 的内容没有发送，或已不再保留：请重新启动测试',
  '{name} is no path that a plan can name from its folder': '{name} 不是计划可以从其文件夹引用的路径',
  'the load of run {run} cannot be changed: {reason}': '测试 {run} 的负载无法更改：{reason:said}',
  'the load of run {run} cannot be changed: it is {state}': '测试 {run} 的负载无法更改：测试{state:said}',
  'the load of run {run} cannot be changed: it is {state}, and only a running load can be changed':
    '测试 {run} 的负载无法更改：测试{state:said}，只有运行中的负载才能更改',
  'its load has been changed {count} times, and no run takes more changes': '它的负载已更改 {count} 次，不再接受更改',
  'its load is paused already': '它的负载已经暂停',
  'its load is not paused': '它的负载没有暂停',
  'it searches the greatest load, and would take the pause for the limit of the target':
    '它在搜索最大负载，会把暂停当作被测系统的极限',
  'its load is about to end': '它的负载即将结束',
  'its load has not begun': '它的负载尚未开始',
  'its load ends': '它的负载正在结束',
  'the plan has {count} scenarios: name one of them ({names})': '计划有 {count} 个场景：请指定其中一个（{names}）',
  'it has no scenario "{scenario}": there are {names}': '它没有场景 "{scenario}"：可用的有 {names}',
  'scenario {scenario} has ended': '场景 {scenario} 已结束',
  'scenario {scenario} is {executor}, whose module says what the load is':
    '场景 {scenario} 是 {executor}，其负载由模块决定',
  'scenario {scenario} is {executor}, whose search says what the load is':
    '场景 {scenario} 是 {executor}，其负载由搜索决定',
  'scenario {scenario} is {executor}, whose work is given, not its level':
    '场景 {scenario} 是 {executor}，给定的是工作量，而不是水平',
  'scenario {scenario} is {executor}: give {right}, not {wrong}':
    '场景 {scenario} 是 {executor}：请给出 {right}，而不是 {wrong}',
  '{field} must be a whole number from 0 to {most}': '{field} 必须是 0 到 {most} 的整数',
  '{field} must be a number from 0 to {most}': '{field} 必须是 0 到 {most} 的数',
  'the spawn rate must be a number above 0, up to {most}': '孵化速率必须大于 0，且不超过 {most}',
  'with a spawn rate of {rate}, the change would take longer than any run: give a greater one':
    '以 {rate} 的孵化速率，这一变化比任何测试都长：请给出更大的值',
  'the note is too long: it has at most {most} characters': '备注过长：最多 {most} 个字符',
  'the note has characters that do not print: leave them out': '备注含有不可打印的字符：请去掉',
  'there are too many tags: a run has at most {most}': '标签过多：一次测试最多 {most} 个',
  'tag {place} must have 1 to 50 letters, digits and . _ : / = - and begin with a letter or digit':
    '第 {place} 个标签必须由 1 到 50 个字母、数字和 . _ : / = - 组成，并以字母或数字开头',
};
