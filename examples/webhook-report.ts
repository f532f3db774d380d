/**
 * A report for a chat: the verdict, the criteria and the operations of a run as one message for an incoming webhook of Slack
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks), as Mattermost and others take it too.
 *
 *     bench run examples/webhook-report.yaml --out out
 *     curl -f -H 'Content-Type: application/json' --data @out/webhook.json "$WEBHOOK_URL"
 *
 * A report is a pure function of the result, so that it can be written again at any time: what sends it is another command.
 */
import { defineReport, Histogram, type RunResult, z } from '@bench/toolkit';

/** What Slack takes, in characters. */
const LONGEST_HEADER = 150;
const LONGEST_TEXT = 3000;
const SYMBOLS = { pass: '✅', fail: '❌', invalid: '⚠️' } as const;
const WORDS = { pass: 'passed', fail: 'failed', invalid: 'cannot be trusted' } as const;

export default defineReport<{ mention: string }>({
  name: 'webhook',
  description: 'A message for an incoming webhook of a chat.',
  options: z.strictObject({
    mention: z.string().default('').describe('Who is called when a run has not passed, such as <!here>.'),
  }),

  render(result, { mention }) {
    const { plan, verdict } = result;
    const headline = `${SYMBOLS[verdict.kind]} ${plan.name} ${WORDS[verdict.kind]}`;
    const call = verdict.kind === 'pass' ? '' : mention;
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: headline.slice(0, LONGEST_HEADER) } },
      ...[[call, ...verdict.reasons.map(escaped)], criteriaOf(result), operationsOf(result)].flatMap(sectionOf),
    ];
    return [{ name: 'webhook.json', content: `${JSON.stringify({ text: headline, blocks }, undefined, 2)}\n` }];
  },
});

function criteriaOf({ thresholds }: RunResult): string[] {
  return thresholds.map(({ criterion, status }) => `${SYMBOLS[status]} ${escaped(criterion)}`);
}

function operationsOf({ operations }: RunResult): string[] {
  return operations.map(({ name, phases: { measure } }) => {
    const p95Ms = Histogram.decode(measure.responseTime).valueAtQuantileUs(0.95) / 1000;
    return `*${escaped(name)}*: ${measure.requests} requests, ${measure.errors} failed, p95 ${p95Ms.toFixed(1)} ms`;
  });
}

/** A message with an empty section is refused. */
function sectionOf(lines: readonly string[]): object[] {
  const text = lines.filter((line) => line !== '').join('\n');
  return text === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, LONGEST_TEXT) } }];
}

/** These three would be read as the beginning of a link or of an entity. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
