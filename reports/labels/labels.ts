import type { Lang } from '../../core/verdict/messages/message.ts';
import { en, type Labels } from './en.ts';
import { zhCn } from './zh-cn.ts';

export type { Labels } from './en.ts';

export const LABELS: Readonly<Record<Lang, Labels>> = { en, 'zh-CN': zhCn };
