import type { Lang } from '../../core/verdict/messages/message.ts';
import { en } from './en.ts';
import { zhCn } from './zh-cn.ts';

export type Labels = Readonly<Record<keyof typeof en, string>>;

export const LABELS: Readonly<Record<Lang, Labels>> = { en, 'zh-CN': zhCn };
