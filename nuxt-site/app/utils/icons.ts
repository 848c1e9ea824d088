/** Stroke paths on a 24 × 24 grid, drawn for this site. */
export const ICONS = {
  'arrow-right': 'M4 12h16m-6-6 6 6-6 6',
  'arrow-left': 'M20 12H4m6-6-6 6 6 6',
  'chevron-down': 'm6 9 6 6 6-6',
  'close': 'M5 5l14 14M19 5 5 19',
  'menu': 'M3 7h18M3 12h18M3 17h12',
  'filter': 'M3 7h10m5 0h3M3 17h3m5 0h10M15.5 4.5v5M8.5 14.5v5',
  'search': 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm4.7 11.2L21 21',
  'check': 'm4.5 12.5 5 5 10-11',
  'phone': 'M5 4h4l1.6 4.6-2.3 1.7a13 13 0 0 0 5.4 5.4l1.7-2.3L20 15v4c0 .6-.4 1-1 1A15 15 0 0 1 4 5c0-.6.4-1 1-1Z',
  'share': 'M12 15V3m-4 4 4-4 4 4M5 12v7c0 .6.4 1 1 1h12c.6 0 1-.4 1-1v-7',
  'copy': 'M9 9V5c0-.6.4-1 1-1h9c.6 0 1 .4 1 1v9c0 .6-.4 1-1 1h-4M5 9h9c.6 0 1 .4 1 1v9c0 .6-.4 1-1 1H5c-.6 0-1-.4-1-1v-9c0-.6.4-1 1-1Z',
  'pin': 'M12 21s-7-6-7-11a7 7 0 0 1 14 0c0 5-7 11-7 11Zm0-8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  'map': 'm3 6 6-2 6 2 6-2v14l-6 2-6-2-6 2Zm6-2v14m6-12v14',
  'clock': 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4.5V12l3 2.5',
  'photo': 'M4 8h3.5L9 5.5h6L16.5 8H20c.6 0 1 .4 1 1v9c0 .6-.4 1-1 1H4c-.6 0-1-.4-1-1V9c0-.6.4-1 1-1Zm8 8.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
  'play': 'M8 5v14l11-7Z',
  'shield': 'M12 3l8 3v6c0 4.6-3.3 7.8-8 9-4.7-1.2-8-4.4-8-9V6Zm-3.5 9 2.5 2.5 4.5-5',
  'wallet': 'M4 7h15c.6 0 1 .4 1 1v11c0 .6-.4 1-1 1H5c-.6 0-1-.4-1-1ZM4 7l11-3.5V7m5 4.5h-4.5a2 2 0 0 0 0 4H20',
  'key': 'M15.5 3.5a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 12l-8 8v-3m3.5-.5L10 19',
  'exchange': 'M4 8h14m-4-4 4 4-4 4m6 4H6m4 4-4-4 4-4',
  'car': 'M4 16v-3.5L6.2 7c.3-.7.8-1 1.5-1h8.6c.7 0 1.2.3 1.5 1l2.2 5.5V16M4 16h16M4 16v2.5h3V16m10 0v2.5h3V16M6 11.5h12M7.5 13.8h1m7 0h1',
  'document': 'M6 3h8l4 4v13c0 .6-.4 1-1 1H6c-.6 0-1-.4-1-1V4c0-.6.4-1 1-1Zm8 0v4h4M9 12h6m-6 4h6',
  'star': 'm12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9L12 16.9l-5.2 2.8 1-5.9-4.3-4.1 5.9-.8Z',
  'people': 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9a6 6 0 0 1 12 0m.5-15.5a3.5 3.5 0 0 1 0 6M17.5 14.5A6 6 0 0 1 21 20',
  'wrench': 'M14.5 9.5 4.8 19.2M20 7.5l-3 3-3.5-3.5 3-3a5 5 0 0 0-6.7 6L4 15.8 8.2 20l5.8-5.8a5 5 0 0 0 6-6.7Z',
  'chart': 'M4 20h16M7 20v-6m5 6V9m5 11V4',
} as const

export type IconName = keyof typeof ICONS

/** A name that an editor chose in the CMS; an unknown one becomes a tick rather than a hole. */
export function iconName(name: string): IconName {
  return name in ICONS ? name as IconName : 'check'
}
