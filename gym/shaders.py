"""GLSL of the rasteriser. Written for a software rasteriser: noise comes from one small texture."""

from __future__ import annotations

# A mirror is drawn as geometry reflected in its plane: n.xyz and distance; w of `flip` switches it.
REFLECT = """
uniform vec4 plane; uniform float flip;
vec3 reflected(vec3 p) { return p - flip * 2.0 * (dot(plane.xyz, p) - plane.w) * plane.xyz; }
vec3 reflected_normal(vec3 n) { return n - flip * 2.0 * dot(plane.xyz, n) * plane.xyz; }
"""

BODY_VERTEX = (
    "#version 330\n"
    + REFLECT
    + """
in vec3 pos; in vec3 normal; in vec3 rest; in vec4 region; in vec4 face; in vec2 limb;
uniform mat4 camera; uniform mat4 light; uniform float sole;
out vec3 wp; out vec3 wn; out vec3 rp; out vec4 rg; out vec4 fm; out vec2 lb; out vec4 sc;
void main() {
  vec3 p = pos; if (sole > 0.5) p.z = max(p.z, 0.0005);
  sc = light * vec4(p, 1);
  wp = reflected(p); wn = reflected_normal(normal);
  rp = rest; rg = region; fm = face; lb = limb;
  gl_Position = camera * vec4(wp, 1);
}
"""
)

SHADOW_BODY = """#version 330
in vec3 pos; uniform mat4 light;
void main() { gl_Position = light * vec4(pos, 1); }
"""

PROP_VERTEX = (
    "#version 330\n"
    + REFLECT
    + """
in vec3 pos; in vec3 normal; in vec4 paint; in float shine;
uniform mat4 model; uniform mat4 camera; uniform mat4 light;
out vec3 wp; out vec3 wn; out vec4 pt; out float gloss; out vec4 sc;
void main() {
  vec3 p = (model * vec4(pos, 1)).xyz; sc = light * vec4(p, 1);
  wp = reflected(p); wn = reflected_normal(mat3(model) * normal); pt = paint; gloss = shine;
  gl_Position = camera * vec4(wp, 1);
}
"""
)

SHADOW_PROP = """#version 330
in vec3 pos; uniform mat4 model; uniform mat4 light;
void main() { gl_Position = light * model * vec4(pos, 1); }
"""

NOTHING = "#version 330\nvoid main() {}\n"

LIGHTING = """
uniform vec3 eye; uniform vec3 key_dir; uniform vec3 key; uniform vec3 sky; uniform vec3 ground;
uniform vec3 fill_dir; uniform vec3 fill; uniform sampler2DShadow shadows; uniform sampler2D grain;
uniform vec4 plane; uniform float flip; uniform vec4 glass;
out vec4 color;
float shade(vec4 sc, vec3 n) {
  vec3 q = sc.xyz / sc.w * 0.5 + 0.5;
  if (q.x < 0. || q.y < 0. || q.x > 1. || q.y > 1.) return 1.;
  float b = .0016 + .0025 * (1. - max(dot(n, -key_dir), 0.)), r = 1.3 / 1024.;
  float s = 0.;
  for (int i = 0; i < 2; i++) for (int j = 0; j < 2; j++)
    s += texture(shadows, vec3(q.xy + (vec2(i, j) - .5) * 2. * r, q.z - b));
  return s / 4.;
}
vec3 lit(vec3 albedo, vec3 p, vec3 n, float s, float wrap, float spec, float gloss) {
  vec3 v = normalize(eye - p); float nl = dot(n, -key_dir);
  float d = max((nl + wrap) / (1. + wrap), 0.);
  float sp = pow(max(dot(n, normalize(v - key_dir)), 0.), gloss) * spec * step(0., nl);
  vec3 ambient = mix(ground, sky, n.z * .5 + .5) * mix(.62, 1., clamp(p.z / .5, 0., 1.));
  float rim = pow(1. - max(dot(n, v), 0.), 4.) * .08;
  return albedo * (ambient + key * d * s + fill * max(dot(n, -fill_dir), 0.))
    + sp * key * s + rim * sky;
}
vec3 tone(vec3 c) { c = c / (1. + c * .22); return pow(clamp(c, 0., 1.), vec3(1. / 2.2)); }
// A reflection shows only inside the glass: where the line of sight crosses the mirror's plane.
void through_glass(vec3 p) {
  if (flip < .5) return;
  float t = (plane.w - dot(plane.xyz, eye)) / dot(plane.xyz, p - eye);
  vec3 h = eye + t * (p - eye); float u = abs(plane.x) > .5 ? h.y : h.x;
  if (u < glass.x || u > glass.y || h.z < glass.z || h.z > glass.w) discard;
}
"""

BODY_FRAGMENT = (
    LIGHTING
    + """
in vec3 wp; in vec3 wn; in vec3 rp; in vec4 rg; in vec4 fm; in vec2 lb; in vec4 sc;
uniform vec3 skin_rgb; uniform vec3 shirt; uniform vec3 shorts; uniform vec3 shoe;
uniform vec3 hair;
uniform float sleeve; uniform float hem; uniform float waist; uniform float neck;
uniform float tank; uniform float belt; uniform float belt_half; uniform vec3 belt_rgb;
uniform vec3 head_at; uniform float hair_len;
vec2 at(float k) { return vec2(rp.x + rp.y, rp.z + .37 * rp.y) * k; }
vec4 noise(float k) { return texture(grain, at(k)); }
void main() {
  through_glass(wp);
  vec3 n = normalize(wn); float arm = rg.x, leg = rg.y, head = rg.z, foot = rg.w, z = rp.z;
  vec3 c; float wrap = .25, spec = .03, gloss = 8.;
  bool torso = z > waist && head < .5 && arm < .5;
#if LAYER == 0
  bool arm_cloth = arm >= .5 && lb.x < sleeve - .03;
  bool bare = tank > .5 && (arm > .5 || z > neck - .036);
  // cloth is also painted on the skin, so that nothing shows through the shells
  if (tank > -.5 && (torso || arm_cloth) && leg < .55 && z < neck - .006 && !bare) c = shirt;
  else if (arm < .35 && z < waist + .02 && foot < .5 && lb.y < hem - .02 && lb.y > -2.) c = shorts;
  else if ((foot > .4 || lb.y > 1.74) && z < .1) c = shoe;
  else {
    c = skin_rgb * (.9 + .2 * noise(9.).r) * mix(vec3(1), vec3(1.08, .93, .9), noise(2.).g);
    c = mix(c, c * vec3(.85, .52, .5), fm.r); c = mix(c, c * .72, fm.g);
    c = mix(c, c * vec3(1.05, .85, .8), fm.b); c = mix(c, hair * .8, smoothstep(.3, .6, fm.a));
    spec = .10; gloss = 14.; wrap = .4;
  }
  if (torso && abs(z - belt) < belt_half) c = belt_rgb;
#elif LAYER == 4
  c = lb.x < .36 ? vec3(.02) : lb.x < .62 ? vec3(.16, .10, .05) : vec3(.82, .80, .77);
  spec = .5; gloss = 60.; wrap = .3;
#elif LAYER == 1
  if (!(torso || (arm >= .5 && lb.x < sleeve)) || leg > .6 || z > neck) discard;
  if (tank > .5 && (arm > .5 || z > neck - .03)) discard;
  vec4 g = noise(5.); c = shirt * (.75 + .5 * g.r);
  n = normalize(n + .5 * (g.gbr - .5)); spec = .02;
  if (torso && abs(z - belt) < belt_half) { c = belt_rgb; n = normalize(wn); spec = .15; }
#elif LAYER == 2
  if (arm > .35 || z > waist + .02 || foot > .5 || lb.y > hem) discard;
  vec4 g = noise(6.); c = shorts * (.75 + .5 * g.r); n = normalize(n + .4 * (g.gbr - .5));
  if (z > waist - .012) c *= .6;
#elif LAYER == 3
  if ((foot < .35 && lb.y < 1.72) || z > .105) discard;
  c = z < .018 ? vec3(.75) : z > .092 ? vec3(.8) : shoe; spec = .1; gloss = 20.;
#else
  vec3 q = rp - head_at;
  float line = q.z - (q.x > 0. ? .035 + .55 * max(q.x - .035, 0.)
                               : .035 - hair_len * smoothstep(0., -.06, q.x));
  if (line + .006 * (noise(30.).r - .5) < 0.) discard;
  vec4 g = texture(grain, vec2(q.y * 9., q.x * 3. + q.z * 3.));
  c = hair * (.6 + .8 * g.r); n = normalize(n + .6 * (g.gbr - .5)); spec = .12; gloss = 12.;
#endif
  color = vec4(tone(lit(c, wp, n, shade(sc, n), wrap, spec, gloss)), 1.);
}
"""
)

PROP_FRAGMENT = (
    "#version 330\n"
    + LIGHTING
    + """
in vec3 wp; in vec3 wn; in vec4 pt; in float gloss; in vec4 sc;
void main() {
  through_glass(wp);
  vec3 n = normalize(wn), c = pt.rgb * (.85 + .3 * texture(grain, wp.xy * 2. + wp.z).r * pt.a);
  color = vec4(tone(lit(c, wp, n, shade(sc, n), .05, gloss, gloss > .3 ? 50. : 30.)), 1.);
}
"""
)

# The room is shaded once per camera, so it can afford patterns. paint.a: 1 floor, 2 wall,
# 3 plain, 4 glowing (a window), 5 mirror glass.
ROOM_FRAGMENT = (
    "#version 330\n"
    + LIGHTING
    + """
in vec3 wp; in vec3 wn; in vec4 pt; in float gloss; in vec4 sc;
uniform vec3 wall; uniform vec3 floor_rgb; uniform int wall_style; uniform int floor_style;
float cell(vec2 p) {
  p = fract(p * vec2(123.34, 456.21)); p += dot(p, p + 45.32); return fract(p.x * p.y);
}
vec3 floor_color() {
  vec3 c = floor_rgb; float g = texture(grain, wp.xy * .4).r;
  if (floor_style == 0) {
    c *= .85 + .3 * g; if (cell(floor(wp.xy * 220.)) > .965) c = mix(c, vec3(.45, .47, .5), .5);
    vec2 f = abs(fract(wp.xy) - .5); if (max(f.x, f.y) > .494) c *= .45;
  } else if (floor_style == 1) {
    float plank = floor(wp.y / .14), off = cell(vec2(plank, 3.)) * 3.;
    c *= .72 + .5 * cell(vec2(plank, floor((wp.x + off) / 1.1)));
    c *= .85 + .3 * texture(grain, vec2(wp.x * .5, wp.y * 6.)).g;
    vec2 f = vec2(fract((wp.x + off) / 1.1), fract(wp.y / .14));
    if (f.y < .03 || f.x < .004) c *= .5;
  } else {
    c *= .9 + .2 * g; vec2 f = abs(fract(wp.xy / .6) - .5); if (max(f.x, f.y) > .49) c *= .75;
  }
  return c;
}
vec3 wall_color(vec3 n) {
  vec3 c = wall; vec2 u = abs(n.x) > .5 ? wp.yz : wp.xz;
  if (wall_style == 0) { c *= .93 + .14 * texture(grain, u * .25).r; if (wp.z < .12) c *= .55; }
  else if (wall_style == 1) {
    float row = floor(u.y / .075);
    vec2 q = vec2(u.x / .24 + .5 * mod(row, 2.), u.y / .075), f = fract(q);
    bool mortar = f.x < .045 || f.y < .13;
    c = mortar ? vec3(.45, .43, .41)
               : c * (.65 + .6 * cell(floor(q))) * (.85 + .3 * texture(grain, u * 4.).g);
  } else {
    c *= .9 + .2 * texture(grain, u * .12).r; if (fract(u.x / 1.2) < .01) c *= .6;
    if (wp.z > 1.15 && wp.z < 1.3) c = mix(c, vec3(.75, .2, .08), .85);
  }
  return c;
}
void main() {
  vec3 n = normalize(wn), c = pt.rgb; int id = int(pt.a + .5);
  if (id == 1) c = floor_color(); else if (id == 2) c = wall_color(n);
  else if (id == 3) c *= .85 + .3 * texture(grain, wp.xy * 2. + wp.z).r;
  else if (id == 4) { color = vec4(tone(c), 1.); return; }
  else { color = vec4(tone(wall * .55 + .05 + .06 * wp.z), 1.); return; }
  color = vec4(tone(lit(c, wp, n, 1., .05, gloss, 30.)), 1.);
}
"""
)

# The floor's shadow multiplies what the room shows.
FLOOR_FRAGMENT = (
    "#version 330\n"
    + LIGHTING
    + """
in vec3 wp; in vec3 wn; in vec4 pt; in float gloss; in vec4 sc;
void main() { float s = shade(sc, vec3(0, 0, 1)); color = vec4(vec3(mix(pt.r, 1., s)), 1.); }
"""
)


def body_fragment(layer: int) -> str:
    """Fragment shader of one clothing layer."""
    return f"#version 330\n#define LAYER {layer}\n" + BODY_FRAGMENT
