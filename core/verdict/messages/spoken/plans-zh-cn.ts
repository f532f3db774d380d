// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sentences show references as plans have them
import type { Sentences } from './form.ts';

/** What is wrong with a plan, or doubtful about it. */
export const plansZhCn: Sentences = {
  'There are {count} more problems': '另有 {count} 处问题',
  'and {count} more': '另有 {count} 处',

  'there is nothing in it: a plan is a map with at least a name and scenarios; `bench init plan` writes one to start from':
    '其中没有内容：计划是至少含 name 和 scenarios 的映射；`bench init plan` 可写出一份作为起点',
  'it is {value}: a plan is a map with at least a name and scenarios; `bench init plan` writes one to start from':
    '它是 {value}：计划是至少含 name 和 scenarios 的映射；`bench init plan` 可写出一份作为起点',

  // core/plan/messages.ts, what a value must be
  'is missing': '缺失',
  'is missing: it must be {wanted}': '缺失：必须是{wanted:said}',
  'must be {wanted}, not {value}': '必须是{wanted:said}，而不是 {value}',
  '{reference} has a value only in the target and in texts of options: write it here, or use a flag of `bench run` such as --vus or its variable BENCH_VUS':
    '{reference} 只在 target 和选项的文本中有值：请直接写出，或使用 `bench run` 的参数（如 --vus）或其变量 BENCH_VUS',
  'must not be empty': '不能为空',
  'must have at least {least} characters': '至少要有 {least} 个字符',
  'must have at least {least} entries': '至少要有 {least} 项',
  'must have at most {most} characters': '最多 {most} 个字符',
  'must have at most {most} entries': '最多 {most} 项',
  'unknown key "{key}"': '未知的键 "{key}"',
  'unknown key "{key}…': '未知的键 "{key}…',
  'There are {count} more unknown keys': '另有 {count} 个未知的键',
  'the name {name} is not allowed': '名称 {name} 不允许使用',
  'the name {name} must be {wanted}': '名称 {name} 必须是{wanted:said}',
  'the name {name} {problem}': '名称 {name} {problem:said}',
  'cannot be {value}': '不能是 {value}',
  'did you mean {guess}?': '您是指 {guess} 吗？',
  'known here: {names}': '这里可用的有：{names}',
  'known here: {names}, and {count} more': '这里可用的有：{names}，等另外 {count} 个',
  'known here: none': '这里没有可用的键',
  'there are none': '这里一个也没有',

  // core/plan
  '{text} is not a duration: write a number and a unit (us, ms, s, m, h, d), such as "90s" or "250ms"':
    '{text} 不是时长：请写数和单位（us、ms、s、m、h、d），例如 "90s" 或 "250ms"',
  'must be longer than 0': '必须大于 0',
  '{text} is not a rate: write a number per second, or a number with /s, /m or /h, such as "600/m"':
    '{text} 不是速率：请写每秒的数，或带 /s、/m、/h 的数，例如 "600/m"',
  'must not be negative, not {value}': '不能为负：{value}',
  'must be at most {most}, not {value}': '最多 {most}，而不是 {value}',
  'must be at most 30d, because such a load is kept second by second': '最多 30d，因为这样的负载逐秒保存',
  'ends more than {most} after the start of the run: make it shorter': '在测试开始后超过 {most} 才结束：请缩短',
  'must be at most {most} per second, not {value}': '最多每秒 {most}，而不是 {value}',
  'must be more than 0': '必须大于 0',
  'must be a percentage above 0% and up to 100%, such as "5%", not {value}':
    '必须是大于 0%、不超过 100% 的百分比，例如 "5%"，而不是 {value}',
  'must have letters, digits, _ and - only': '只能含字母、数字、_ 和 -',
  'must be a name of letters, digits, _ and -, not {value}': '必须是由字母、数字、_ 和 - 组成的名称，而不是 {value}',
  'must be 1 to 80 characters without quotes, <, > or |, not {value}':
    '必须是 1 到 80 个字符，不含引号、<、> 和 |，而不是 {value}',
  'must be text, a number, true or false, not {value}': '必须是文本、数、true 或 false，而不是 {value}',
  'must be on or off, not {value}': '必须是 on 或 off，而不是 {value}',
  'must be a URL such as http://127.0.0.1:5002, not {value}': '必须是形如 http://127.0.0.1:5002 的 URL，而不是 {value}',
  'contains a password, and plans are stored and printed: write ${env:NAME} or ${file:path} instead':
    '含有密码，而计划会被存储和显示：请改写 ${env:NAME} 或 ${file:path}',
  'must say one of exists, equals or matches': '必须给出 exists、equals、matches 之一',
  'must be a list of steps, not {value}': '必须是步骤的列表，而不是 {value}',
  'must hold at least one step': '至少要有一个步骤',
  'flows are nested more than {most} deep': 'flow 的嵌套超过 {most} 层',
  'must not be negative': '不能为负',
  'must hold at least one branch': '至少要有一个分支',
  'must hold at least one stage': '至少要有一个阶段',
  'must hold at least one scenario': '至少要有一个场景',
  'must name at least one operation': '至少要有一个操作',
  'the weights add up to 0: give at least one branch a weight above 0': '权重之和为 0：请至少给一个分支大于 0 的权重',
  'the weights add up to 0: give at least one operation a weight above 0':
    '权重之和为 0：请至少给一个操作大于 0 的权重',
  'must be a step with one of {kinds}, not {value}': '必须是含有 {kinds} 之一的步骤，而不是 {value}',
  'does nothing: list its operations, write a flow, or name a script as its user':
    '什么也不做：请列出 operations，写 flow，或用 user 指定脚本',
  'has {one} and {other}: keep one of them': '同时有 {one:said} 和 {other:said}：请只保留一个',
  'has {one} and {other} and {third}: keep one of them':
    '同时有 {one:said}、{other:said} 和 {third:said}：请只保留一个',
  'has no step with a driver, so nothing would be sent': '没有使用驱动的步骤，什么也不会发送',
  'is for a flow: leave it out': '只用于 flow：请去掉',
  'is for a script; the data of operations stand in the options of their driver':
    '只用于脚本；操作的数据写在其驱动的选项中',
  'is for operations and flows: the script has an {field} of its own':
    '只用于 operations 和 flow：脚本有自己的 {field}',
  'the stages last 0s together: give at least one a duration': '各阶段总时长为 0s：请至少给一个阶段时长',
  'no stage has a target above 0, so there is no load: raise one of them':
    '没有阶段的 target 大于 0，因此没有负载：请提高其中之一',
  'must be above 0, because the warm-up runs at that level': '必须大于 0，因为预热以该水平运行',
  'the plan has a find-max already: one load can be searched at a time': '计划已有一个 find-max：一次只能搜索一个负载',
  'is not for find-max, which begins with the run: remove it': '不适用于 find-max，它随测试开始：请去掉',
  'must be a whole number of virtual users, not {value}': '必须是整数个虚拟用户，而不是 {value}',
  'must be at most {most} virtual users, not {value}': '最多 {most} 个虚拟用户，而不是 {value}',
  'must be shorter than maxDuration, which is {most}: the answer could never be confirmed':
    '必须短于 maxDuration（{most}）：否则结果永远无法得到确认',
  'must be at least {from}, from which the search begins, not {value}': '至少为 {from}（搜索的起点），而不是 {value}',
  'the pauses of a pass can take {pauses}, and gracefulStop is {stop}: passes under way at the end of the load are then cut off and count as failed; give the scenario a gracefulStop longer than a pass':
    '一遍的停顿可长达 {pauses}，而 gracefulStop 为 {stop}：负载结束时进行中的各遍会被中断并计为失败；请让该场景的 gracefulStop 长于一遍',
  'it has more than {most} words, marks and line ends, which would keep others waiting: run it with `bench run --control`':
    '它的词、符号和换行超过 {most} 个，会让其他人等待：请用 `bench run --control` 运行',
  'it has more than {most} words, marks and line ends, which would keep others waiting: put it in the folder of plans, or run it with `bench run --control`':
    '它的词、符号和换行超过 {most} 个，会让其他人等待：请把它放入计划文件夹，或用 `bench run --control` 运行',
  'the plan has more than {most} values: move data into data files': '计划的值超过 {most} 个：请把数据移到数据文件',
  'is nested more than {most} levels deep: a body may be written as text, or stand in a file':
    '嵌套超过 {most} 层：请求体可写成文本，或放在文件中',
  '"__proto__" cannot be a name in a plan: choose another one; to send it in JSON, write the body as text':
    '"__proto__" 不能用作计划中的名称：请换一个；如需在 JSON 中发送，请把请求体写成文本',
  '{value} is not a number that a plan can contain': '计划不能含有数 {value}',
  'the number is beyond {most}, where digits get lost: write it in quotes, or, in a JSON body, write the whole body as text':
    '该数超过 {most}，会丢失位数：请加引号，或在 JSON 请求体中把整个请求体写成文本',
  '"{name}" is used twice in this scenario: give one of them another name':
    '"{name}" 在此场景中用了两次：请给其中一个换名',
  'driver "{driver}" has no operation: name one in its options, under operations':
    '驱动 "{driver}" 没有操作：请在其选项的 operations 中写一个',
  'driver "{driver}" has several operations; name one of {names}': '驱动 "{driver}" 有多个操作；请指定其一：{names}',
  'driver "{driver}" has several operations; name one of {names}, and {count} more':
    '驱动 "{driver}" 有多个操作；请指定其一：{names}，等另外 {count} 个',
  'driver "{driver}" has no operation "{operation}"': '驱动 "{driver}" 没有操作 "{operation}"',
  'it has {names}': '它有 {names}',
  'it has {names}, and {count} more': '它有 {names}，等另外 {count} 个',
  'no step before can have set {variable}': '之前没有步骤会设置 {variable}',
  'the step that sets it must come first': '设置它的步骤必须在前面',
  'no step before sets a variable': '之前没有步骤设置变量',
  'must not refer to a parameter itself': '自身不能引用参数',
  'has the same variable as "{other}", {variable}: give one of them another name':
    '与 "{other}" 使用同一变量 {variable}：请给其中一个换名',
  'makes the plan longer than {most} with its parameters filled in: give it shorter ones':
    '代入参数后计划超过 {most}：请使用更短的参数',
  'holds a parameter without its value: start the run with `bench run`, which fills parameters in':
    '含有没有值的参数：请用 `bench run` 启动测试，它会代入参数',
  'a parameter stands for a value, not for a name': '参数只能代替值，不能代替名称',
  '{text} lacks its closing brace': '{text} 缺少右花括号',
  'has no value: give it with {flag} or the variable {variable}, or give it a default':
    '没有值：请用 {flag} 或变量 {variable} 给出，或给它默认值',
  'has no value: give it in {field}, or give it a default': '没有值：请在 {field} 中给出，或给它默认值',
  'what {origin} gives {problem}': '{origin} 给出的值{problem:said}',
  'there is no parameter "{name}"': '没有参数 "{name}"',
  'the plan declares none under params': '计划的 params 没有声明任何参数',
  'the plan has {names}': '计划有 {names}',
  'the plan has {names}, and {count} more': '计划有 {names}，等另外 {count} 个',
  '{text} does not name an environment variable': '{text} 没有给出环境变量名',
  '{text} does not name a file': '{text} 没有给出文件',
  '{text} has no value: set the variable {name} for this process': '{text} 没有值：请为此进程设置变量 {name}',
  '{text} has no value: the file cannot be read ({reason})': '{text} 没有值：无法读取文件（{reason:said}）',
  'is not a regular expression: {reason}': '不是正则表达式：{reason}',
  'is one too many: the regular expressions of a plan may have {most} steps together, what is repeated counted each time; use fewer, or shorter ones':
    '超出限度：一个计划的正则表达式合计最多 {most} 步，重复的部分每次都计入；请用更少或更短的',
  '"param" stands for the parameters of the plan: choose another name': '"param" 代表计划的参数：请换一个名称',

  // core/cli/plans
  'this is nested too deeply': '嵌套过深',
  'the alias *{alias} refers back to what holds it': '别名 *{alias} 引用了包含它的内容',
  'the alias *{alias} has no anchor before it': '别名 *{alias} 之前没有对应的锚点（&）',
  'there are more than {most} aliases': '别名超过 {most} 个',
  'aliases bring more than {most} others to one place: write out what they stand for':
    '别名嵌套展开后超过 {most} 个：请直接写出其内容',
  '<< takes a map, an alias of one, or a list of these': '<< 的值须为映射、映射的别名，或由它们组成的列表',
  'a key must be a text, not a list, a map or an alias': '键必须是文本，而不是列表、映射或别名',
  'the key "{key}" occurs twice in this map': '键 "{key}" 在此映射中出现两次',
  '{source} would be read as the number {value}: write it in quotes': '{source} 会被读作数 {value}：请加引号',
  '{source} would be read as {value}: write it in quotes, or, in a JSON body, write the whole body as text':
    '{source} 会被读作 {value}：请加引号，或在 JSON 请求体中把整个请求体写成文本',
  '{source} would be read as the name {value}: write it in quotes': '{source} 会被读作名称 {value}：请加引号',
  '{source} would be sent as {value}: write it in quotes': '{source} 会被发送为 {value}：请加引号',
  'there is more than one document: remove the line --- that begins another one':
    '这里有不止一个 YAML 文档：请去掉开始另一个文档的 --- 行',
  '{file} cannot be read: {reason}': '无法读取 {file}：{reason:said}',
  'it is too large for a plan': '对于计划而言过大',
  'it is a folder': '它是文件夹',
  '{fields} cannot be applied: the plan has {count} scenarios ({names}). Change their load in the plan.':
    '无法应用 {fields:list}：计划有 {count} 个场景（{names}）。请在计划中修改其负载。',
  'Because of {fields}, scenario {scenario} runs as {load}.': '由于 {fields:list}，场景 {scenario} 改为 {load:said}。',
  'a spawn rate does not fit scenario {scenario}, which is {executor}: only users that stay until the end are spawned at a rate.':
    '孵化速率不适用于场景 {scenario}（{executor}）：只有停留到结束的用户才按速率启动。',
  '{field} does not fit scenario {scenario}, which is {executor}: its search says what the load is. Change it in the plan.':
    '{field} 不适用于场景 {scenario}（{executor}）：其负载由搜索决定。请在计划中修改。',
  '{field} does not fit scenario {scenario}, which is {executor}: its module says what the load is. Change it in the plan.':
    '{field} 不适用于场景 {scenario}（{executor}）：其负载由模块决定。请在计划中修改。',
  '{field} does not fit scenario {scenario}, which is {executor}: its stages say how long it lasts. Change it in the plan.':
    '{field} 不适用于场景 {scenario}（{executor}）：其时长由各阶段决定。请在计划中修改。',
  '{field} does not fit scenario {scenario}, which is {executor}: it is driven by a rate, not by virtual users. Change it in the plan.':
    '{field} 不适用于场景 {scenario}（{executor}）：它由速率驱动，而不是虚拟用户。请在计划中修改。',
  '{time} does not fit scenario {scenario}, whose stages last {planned}: give {vus} and {time} for a constant load.':
    '{time} 不适用于场景 {scenario}，其各阶段共 {planned}：如需恒定负载，请给出 {vus} 和 {time}。',
  'the {what} {name} may not be named by {sender}: no part of it may be ${env:…} or ${file:…}, other than user and password of an address':
    '{sender:said}不能使用{what:said} {name}：除地址的用户名和密码外，任何部分都不能是 ${env:…} 或 ${file:…}',
  'the {what} {name} may not be named by {sender}: there is no folder of plans: start control with --plans':
    '{sender:said}不能使用{what:said} {name}：没有计划文件夹：请用 --plans 启动控制端',
  'the {what} {name} may not be named by {sender}: it must lie below {folder}':
    '{sender:said}不能使用{what:said} {name}：它必须位于 {folder} 之下',
  'the {what} {name} may not be named by {sender}: it is hidden': '{sender:said}不能使用{what:said} {name}：它是隐藏的',
  'the variable {name} may not be named by {sender}: start control with --secrets and a prefix':
    '{sender:said}不能使用变量 {name}：请用 --secrets 和前缀启动控制端',
  'the variable {name} may not be named by {sender}: it must begin with {prefix}':
    '{sender:said}不能使用变量 {name}：它必须以 {prefix} 开头',

  // plugins/loader
  'the {kind} "{name}" was not found: there is no file {path}': '找不到{kind:said} "{name}"：没有文件 {path}',
  '{kind} "{name}" cannot be loaded: {reason}': '{kind:said} "{name}" 无法加载：{reason:said}',
  '{place} belongs to another user, who could make bench run code with it: remove it, or move the plan to a folder of your own':
    '{place} 属于另一个用户，对方能借此让 bench 运行自己的代码：请删除它，或把计划移到自己的文件夹',
  'other users can write to {place}, and could make bench run code with it: `chmod -R go-w` it':
    '其他用户可以写入 {place}，从而让 bench 运行他们的代码：请对它执行 `chmod -R go-w`',
  'unknown {kind} "{name}"': '未知的{kind:said} "{name}"',
  'use a built-in one ({names}), a path such as {path}, or install an npm package of that name':
    '请使用内置的（{names}）、形如 {path} 的路径，或安装该名称的 npm 包',
  'use a path such as {path}, or install an npm package of that name':
    '请使用形如 {path} 的路径，或安装该名称的 npm 包',
  '{kind} "{name}" has changed since this process ({pid}) loaded it: start it again':
    '{kind:said} "{name}" 在此进程（{pid}）加载之后有改动：请重新启动此进程',
};
