import { refuse, type SqlNode } from './sql-node.ts'

/** Months, days and milliseconds. */
export type Interval = readonly [months: number, days: number, milliseconds: number]

const UNITS: Readonly<Record<string, Interval>> = {
  year: [12, 0, 0],
  month: [1, 0, 0],
  week: [0, 7, 0],
  day: [0, 1, 0],
  hour: [0, 0, 3_600_000],
  minute: [0, 0, 60_000],
  second: [0, 0, 1000],
}

/** `interval '1 day 2 hours'`; undefined for what is no interval literal. */
export function readInterval(node: SqlNode): Interval | undefined {
  const to = node['to'] as SqlNode | undefined
  const operand = node['operand'] as SqlNode | undefined
  if (node.type !== 'cast' || to?.['name'] !== 'interval' || operand?.type !== 'string') {
    return undefined
  }
  const text = String(operand['value']).trim()
  const parts = [...text.matchAll(/([+-]?\d+) +([a-z]+?)s?(?= |$) */gi)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    refuse(`the interval "${text}" is in a form that is not emulated`)
  }
  return parts.reduce<Interval>(
    (sum, [, amount, unit = '']) => {
      const each = UNITS[unit.toLowerCase()] ?? refuse(`the unit ${unit} is not emulated`)
      return sum.map((value, index) => value + Number(amount) * (each[index] ?? 0)) as never
    },
    [0, 0, 0],
  )
}
