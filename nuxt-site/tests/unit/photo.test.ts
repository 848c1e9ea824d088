import { describe, expect, it } from 'vitest'
import type { Photo } from '../../app/types/api'
import { photoStyle } from '../../app/utils/photo'

const photo: Photo = { id: 1, alt: '', width: 960, height: 720, color: null, sources: { jpeg: [] } }

describe('photoStyle', () => {
  it('keeps the chosen point in sight', () => {
    expect(photoStyle({ ...photo, focus: { x: 0.25, y: 0.8 } })).toEqual({ objectPosition: '25% 80%' })
  })

  it('leaves a photo without a chosen point in the middle', () => {
    expect(photoStyle({ ...photo, color: '#112233', focus: null })).toEqual({ backgroundColor: '#112233' })
    expect(photoStyle(photo)).toEqual({})
  })
})
