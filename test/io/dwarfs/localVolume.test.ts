import t from 'tap'
import { galaxyCalled, localVolume } from '../../../io/index.js'

t.test('galaxies are found by what people call them', async t => {
  const galaxies = await localVolume()
  t.equal(galaxies.length, 68)
  const called = {
    fornax_1: ['fornax', 'Fornax', 'fornax_1', 'FORNAX dSph', ' Fornax ', 'For'],
    draco_1: ['draco', 'Draco I', 'draco-1'],
    draco_2: ['Draco II', 'draco ii', 'Draco2', 'DracoII'],
    leo_1: ['Leo I', 'LeoI', 'leo1'],
    leo_4: ['Leo IV', 'leo_4', 'LEO IV'],
    ursa_minor_1: ['UMi', 'Ursa Minor', 'ursaminor'],
    segue_1: ['Segue 1', 'segue1', 'Segue I'],
    coma_berenices_1: ['Coma Berenices', 'ComBer'],
    lmc: ['LMC'],
  }
  for (const [key, names] of Object.entries(called)) {
    for (const name of names) t.equal(galaxyCalled(name, galaxies)?.key, key, name)
  }
  for (const { key, name } of galaxies) {
    t.equal(galaxyCalled(name, galaxies)?.key, key)
    t.equal(galaxyCalled(key, galaxies)?.key, key)
  }
  t.equal(galaxyCalled('forna', galaxies), undefined)
  t.equal(galaxyCalled('', galaxies), undefined)
})

t.test('values, errors and upper limits are those of the table', async t => {
  const galaxies = await localVolume()
  const fornax = galaxyCalled('fornax', galaxies)
  // Pace 2025, local_volume_database at 24faf851, dwarf_mw.csv, row fornax_1
  t.match(fornax, { ra: 39.9583, dec: -34.4997, ellipticity: 0.29, positionAngle: 42.7, properMotion: [0.381, -0.359] })
  t.match(fornax?.distance, { value: 142.56, minus: 3.12 })
  t.match(fornax?.systemicVelocity, { value: 55.2 })
  t.match(fornax?.dispersion, { value: 12.1 })
  t.match(fornax?.wolfMass, { value: 7.98 })
  const hydra = galaxyCalled('Hydra II', galaxies)
  t.ok(Number.isNaN(hydra?.dispersion.value))
  t.equal(hydra?.dispersion.upperLimit, 4.11)
})
