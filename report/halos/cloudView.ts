import type { Field } from '../../io/galaxies/field.js'
import { escapeHtml } from '../html.js'
import { massClasses } from './slabPlot.js'

/** Whose field is shown, and with what. */
export interface CloudViewOptions {
  readonly side: 'simulated' | 'generated'
  /** Views of one group turn together */
  readonly group: string
  /** What the view shows, for readers who cannot see it */
  readonly description: string
}

/**
 * A canvas that shows a field in three dimensions, turned by dragging or with the arrow keys. Positions travel as
 * 16-bit fractions of the box (15 kpc/h in a 1 Gpc/h box: far below a pixel), with a byte for the class of mass: 7
 * bytes a halo. The page needs `cloudViewScript` once.
 */
export function cloudView(field: Field, { side, group, description }: CloudViewOptions): string {
  const lengths = field.box.map(length => length ?? 1)
  const { classOf, radii } = massClasses(field)
  const bytes = new Uint8Array(7 * field.points)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < field.points; i++) {
    for (let axis = 0; axis < 3; axis++) {
      const share = field.positions[3 * i + axis] / lengths[axis]
      view.setUint16(7 * i + 2 * axis, Math.max(0, Math.min(65535, Math.floor(share * 65536))), true)
    }
    bytes[7 * i + 6] = classOf[i]
  }
  const attributes = {
    'data-cloud': Buffer.from(bytes).toString('base64'),
    'data-lengths': lengths.join(' '),
    'data-radii': radii.map(radius => radius.toFixed(2)).join(' '),
    'data-colour': side === 'simulated' ? '86,180,233' : '240,150,40',
    'data-group': group,
    'aria-label': `${description} Drag, or use the arrow keys, to turn it.`,
  }
  const text = Object.entries(attributes).map(([name, value]) => `${name}="${escapeHtml(value)}"`)
  return `<canvas class="cloud" role="img" tabindex="0" width="900" height="828" ${text.join(' ')}></canvas>`
}

/** Draws every `canvas.cloud` of the page. Plain JavaScript for the browser, no library, no network. */
export const cloudViewScript = `
(() => {
  'use strict'
  const groups = new Map()
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  for (const canvas of document.querySelectorAll('canvas.cloud')) {
    const raw = atob(canvas.dataset.cloud)
    const bytes = Uint8Array.from(raw, sign => sign.charCodeAt(0))
    canvas.removeAttribute('data-cloud')
    const lengths = canvas.dataset.lengths.split(' ').map(Number)
    const most = Math.max(...lengths)
    const scale = lengths.map(length => length / most)
    const data = new DataView(bytes.buffer)
    const points = bytes.length / 7
    const at = new Float32Array(3 * points)
    for (let i = 0; i < points; i++)
      for (let axis = 0; axis < 3; axis++)
        at[3 * i + axis] = (data.getUint16(7 * i + 2 * axis, true) / 65536 - 0.5) * scale[axis]
    const radii = canvas.dataset.radii.split(' ').map(Number)
    const view = { canvas, at, points, scale, most, bytes, radii, sprites: radii.map(() => sprite(canvas.dataset.colour)) }
    const name = canvas.dataset.group
    if (!groups.has(name)) groups.set(name, { views: [], yaw: 0.62, pitch: 0.42, turning: !still, seen: false })
    const group = groups.get(name)
    group.views.push(view)
    let held = null
    canvas.addEventListener('pointerdown', event => {
      held = [event.clientX, event.clientY]
      group.turning = false
      canvas.setPointerCapture(event.pointerId)
    })
    canvas.addEventListener('pointermove', event => {
      if (!held) return
      turn(group, (event.clientX - held[0]) * 0.008, (event.clientY - held[1]) * 0.008)
      held = [event.clientX, event.clientY]
    })
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { held = null })
    canvas.addEventListener('keydown', event => {
      const steps = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }
      const step = steps[event.key]
      if (!step) return
      event.preventDefault()
      group.turning = false
      turn(group, step[0], step[1])
    })
  }

  function turn(group, yaw, pitch) {
    group.yaw += yaw
    group.pitch = Math.max(-1.5, Math.min(1.5, group.pitch + pitch))
    for (const view of group.views) draw(group, view)
  }

  function sprite(colour) {
    const size = 32
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = size
    const context = canvas.getContext('2d')
    const glow = context.createRadialGradient(size / 2, size / 2, 0, size / 2, size / 2, size / 2)
    glow.addColorStop(0, 'rgba(255,255,255,1)')
    glow.addColorStop(0.25, 'rgba(' + colour + ',0.95)')
    glow.addColorStop(0.6, 'rgba(' + colour + ',0.28)')
    glow.addColorStop(1, 'rgba(' + colour + ',0)')
    context.fillStyle = glow
    context.fillRect(0, 0, size, size)
    return canvas
  }

  function draw(group, view) {
    const { canvas, at, points, bytes, radii, sprites, scale, most } = view
    const context = canvas.getContext('2d')
    const { width, height } = canvas
    const [cy, sy, cp, sp] = [Math.cos(group.yaw), Math.sin(group.yaw), Math.cos(group.pitch), Math.sin(group.pitch)]
    const eye = 3.2
    const zoom = width * 1.68
    const project = (x, y, z) => {
      const across = cy * x + sy * y
      const away = -sy * x + cy * y
      const up = cp * z - sp * away
      const depth = eye + cp * away + sp * z
      return [width / 2 + (zoom * across) / depth, height * 0.515 - (zoom * up) / depth, depth]
    }
    context.globalCompositeOperation = 'source-over'
    context.globalAlpha = 1
    context.fillStyle = '#0c1016'
    context.fillRect(0, 0, width, height)
    edges(context, project, scale, most)
    context.globalCompositeOperation = 'lighter'
    for (let i = 0; i < points; i++) {
      const [px, py, depth] = project(at[3 * i], at[3 * i + 1], at[3 * i + 2])
      const mass = bytes[7 * i + 6]
      const radius = (radii[mass] * 7.4) / depth
      context.globalAlpha = Math.max(0.16, Math.min(1, 1.25 - 0.62 * (depth - eye + 0.5)))
      context.drawImage(sprites[mass], px - radius, py - radius, 2 * radius, 2 * radius)
    }
  }

  function edges(context, project, scale, most) {
    context.strokeStyle = 'rgba(255,255,255,0.34)'
    context.lineWidth = 1.5
    const half = scale.map(side => side / 2)
    const corner = bits => project(...half.map((side, axis) => (bits >> axis & 1 ? side : -side)))
    context.beginPath()
    for (let bits = 0; bits < 8; bits++)
      for (let axis = 0; axis < 3; axis++) {
        if (bits >> axis & 1) continue
        const [a, b] = [corner(bits), corner(bits | 1 << axis)]
        context.moveTo(a[0], a[1])
        context.lineTo(b[0], b[1])
      }
    context.stroke()
    context.fillStyle = 'rgba(255,255,255,0.82)'
    context.font = '23px "Segoe UI", "Helvetica Neue", Arial, sans-serif'
    context.textAlign = 'center'
    for (const [axis, name] of ['x', 'y', 'z'].entries()) {
      // of the four edges along an axis, the lowest on the screen; of the upright ones, the leftmost
      let best = null
      for (const one of [-1, 1])
        for (const two of [-1, 1]) {
          const place = axis === 0 ? [0, one, two] : axis === 1 ? [one, 0, two] : [one, two, 0]
          const [px, py] = project(...place.map((side, at) => side * half[at] * 1.1))
          if (!best || (axis === 2 ? px < best[0] : py > best[1])) best = [px, py]
        }
      const text = name + '  ' + Math.round(most * scale[axis]) + ' Mpc/h'
      const room = context.measureText(text).width / 2 + 10
      context.fillText(text, Math.max(room, Math.min(context.canvas.width - room, best[0])), Math.min(context.canvas.height - 12, best[1] + 8))
    }
  }

  for (const group of groups.values()) for (const view of group.views) draw(group, view)
  const watcher = new IntersectionObserver(entries => {
    for (const entry of entries) {
      const group = groups.get(entry.target.dataset.group)
      group.seen = entry.isIntersecting
    }
  })
  for (const group of groups.values()) watcher.observe(group.views[0].canvas)
  let before = 0
  function frame(now) {
    for (const group of groups.values())
      if (group.turning && group.seen) turn(group, Math.min(50, now - before) * 0.00009, 0)
    before = now
    if ([...groups.values()].some(group => group.turning)) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
})()
`
