import { isLoopbackHost } from './http/loopback.js';
import type { AuthServerOptions } from './options.js';
import { presets } from './presets.js';

type Shape = Pick<
  AuthServerOptions,
  | 'issuer'
  | 'audience'
  | 'prefix'
  | 'preset'
  | 'lifetimes'
  | 'allowOrigins'
  | 'allowHttp'
  | 'passwordHashing'
  | 'throttle'
  | 'keylessLeewaySeconds'
  | 'sendMail'
  | 'resetLink'
  | 'verifyLink'
>;

/** Says what is wrong with options, each line naming the setting, its value and the fix; empty if nothing is. */
export function problemsOf(options: Shape): string[] {
  return [
    ...problemsOfIssuer(options),
    ...problemsOfNames(options),
    ...(options.allowOrigins ?? []).flatMap((origin) => problemsOfOrigin(origin, options.allowHttp ?? false)),
    ...problemsOfMail(options),
    ...problemsOfLifetimes(options),
    ...problemsOfLeeway(options),
    ...problemsOfNumbers('passwordHashing', options.passwordHashing),
    ...Object.entries(options.throttle ?? {}).flatMap(([name, limit]) => problemsOfNumbers(`throttle.${name}`, limit)),
  ];
}

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));

function problemsOfIssuer({ issuer, allowHttp }: Shape): string[] {
  const fix = 'Give the address that browsers use, such as "https://auth.example.com".';
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return [`issuer is ${show(issuer)}, which is no web address. ${fix}`];
  if (/[?#]|\/$/.test(issuer) || url.username !== '') {
    return [`issuer is ${show(issuer)}, but must end without slash, query or fragment. ${fix}`];
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname) && !allowHttp) {
    return [`issuer is ${show(issuer)}, plain http to other machines. Use https, or allowHttp for a test network.`];
  }
  return [];
}

function problemsOfNames({ prefix, preset, audience }: Shape): string[] {
  const problems: string[] = [];
  if (prefix !== undefined && !/^(\/[\w.-]+)*$/.test(prefix)) {
    problems.push(`prefix is ${show(prefix)}. Give "" or path segments such as "/auth", without a slash at the end.`);
  }
  if (preset !== undefined && !['everyday', 'bank'].includes(preset)) {
    problems.push(`preset is ${show(preset)}. Choose "everyday" or "bank".`);
  }
  if (audience === '') problems.push('audience is "". Leave it out (the issuer is taken) or name your API.');
  return problems;
}

function problemsOfOrigin(origin: string, allowHttp: boolean): string[] {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url?.origin !== origin || !/^https?:$/.test(url.protocol)) {
    const fix = 'Name each origin exactly, such as "https://app.example.com": no wildcard, no path.';
    return [`allowOrigins has ${show(origin)}. ${fix}`];
  }
  if (url.protocol === 'https:' || isLoopbackHost(url.hostname) || allowHttp) return [];
  return [
    `allowOrigins has ${show(origin)}, plain http from other machines. Use https, or allowHttp for a test network.`,
  ];
}

function problemsOfMail(options: Shape): string[] {
  const links = (['resetLink', 'verifyLink'] as const).filter((name) => options[name] !== undefined);
  if (!options.sendMail && links.length > 0) {
    return [`${links.join(' and ')} can lead nobody anywhere: sendMail is missing. Set it, or leave the link out.`];
  }
  if (options.sendMail && links.length === 0) {
    return ['sendMail has nothing to send: resetLink and verifyLink are missing. Give at least one of the two pages.'];
  }
  return links.flatMap((name) => problemsOfLink(name, options[name] ?? '', options.allowHttp ?? false));
}

function problemsOfLink(name: string, link: string, allowHttp: boolean): string[] {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  const fix = 'Give a page of your app, such as "https://app.example.com/new-password".';
  if (!url || !/^https?:$/.test(url.protocol)) return [`${name} is ${show(link)}, which is no web address. ${fix}`];
  if (/[?#\s]/.test(link) || url.username !== '') {
    return [`${name} is ${show(link)}, but must be without query and fragment: the token takes its fragment. ${fix}`];
  }
  if (url.protocol === 'https:' || isLoopbackHost(url.hostname) || allowHttp) return [];
  return [`${name} is ${show(link)}, plain http to other machines. Use https, or allowHttp for a test network.`];
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

function problemsOfLifetimes({ lifetimes = {}, preset }: Shape): string[] {
  const problems = Object.entries(lifetimes).flatMap(([name, value]: [string, unknown]) => {
    const isFine = isCount(value) || (name === 'absoluteSeconds' && value === 'off');
    const orOff = name === 'absoluteSeconds' ? ' or "off"' : '';
    return isFine ? [] : [`lifetimes.${name} is ${show(value)}. Give whole seconds above 0${orOff}.`];
  });
  if (problems.length > 0) return problems;
  const all = { ...presets[preset === 'bank' ? 'bank' : 'everyday'], ...lifetimes };
  return (['idleSeconds', 'absoluteSeconds'] as const).flatMap((name) => {
    const value = all[name];
    if (value === 'off' || all.accessSeconds <= value) return [];
    const what = `lifetimes.accessSeconds (${all.accessSeconds}) is above lifetimes.${name} (${value})`;
    return [`${what}: an access token would outlive its session. Lower the first or raise the second.`];
  });
}

/** Our choice: a retry comes within a minute or not at all, and each second more is one in which a thief is served. */
const longestLeeway = 60;

function problemsOfLeeway({ keylessLeewaySeconds: leeway = 0 }: Shape): string[] {
  if (Number.isSafeInteger(leeway) && leeway >= 0 && leeway <= longestLeeway) return [];
  const fix = `Give whole seconds from 0 (strict single use) to ${longestLeeway}.`;
  return [`keylessLeewaySeconds is ${show(leeway)}. ${fix}`];
}

function problemsOfNumbers(name: string, settings: object | undefined): string[] {
  return Object.entries(settings ?? {}).flatMap(([key, value]: [string, unknown]) =>
    isCount(value) ? [] : [`${name}.${key} is ${show(value)}. Give a whole number above 0.`],
  );
}
