// What nvcc makes of known PTX and CUDA for sm_90: above each kernel the classes that Opcodes.java
// has to count in it, and nothing else. NVIDIA publishes no encodings; these are found in such kernels.
// All take where to read from and where to write to.
#define KERNEL(name) extern "C" __global__ void name(unsigned* p, unsigned* q)

extern __shared__ uint4 tile[];

// LDG.8=1 STG.8=1
KERNEL(bytes) {
  asm volatile("{.reg .u32 v; ld.global.u8 v, [%0]; st.global.u8 [%1], v;}" ::"l"(p), "l"(q));
}

// LDG.16=1 STG.16=1
KERNEL(halves) {
  asm volatile("{.reg .u16 v; ld.global.u16 v, [%0]; st.global.u16 [%1], v;}" ::"l"(p), "l"(q));
}

// LDG.32=1 STG.32=1
KERNEL(words) {
  asm volatile("{.reg .u32 v; ld.global.u32 v, [%0]; st.global.u32 [%1], v;}" ::"l"(p), "l"(q));
}

// LDG.64=1 STG.64=1
KERNEL(pairs) {
  asm volatile(
      "{.reg .u32 v, w; ld.global.v2.u32 {v, w}, [%0]; st.global.v2.u32 [%1], {v, w};}" ::"l"(p),
      "l"(q));
}

// LDG.128=1 STG.128=1
KERNEL(quads) {
  asm volatile(
      "{.reg .u32 v, w, x, y; ld.global.v4.u32 {v, w, x, y}, [%0];"
      " st.global.v4.u32 [%1], {v, w, x, y};}" ::"l"(p), "l"(q));
}

// LDG.128c=1 LDG.32c=1 STG.128=1 STG.32=1
KERNEL(constants) {
  asm volatile(
      "{.reg .u32 v, w, x, y; ld.global.nc.v4.u32 {v, w, x, y}, [%0];"
      " st.global.v4.u32 [%1], {v, w, x, y};"
      " ld.global.nc.u32 v, [%0 + 64]; st.global.u32 [%1 + 64], v;}" ::"l"(p), "l"(q));
}

// LDG.32=4 STG.128=1
KERNEL(ordered) {
  asm volatile(
      "{.reg .u32 v, w, x, y; ld.global.cg.u32 v, [%0]; ld.acquire.gpu.global.u32 w, [%0];"
      " ld.relaxed.gpu.global.u32 x, [%0]; ld.volatile.global.u32 y, [%0];"
      " st.global.v4.u32 [%1], {v, w, x, y};}" ::"l"(p),
      "l"(q));
}

// LD.32=1 ST.32=1
KERNEL(generic) {
  asm volatile("{.reg .u32 v; ld.u32 v, [%0]; st.u32 [%1], v;}" ::"l"(p), "l"(q));
}

// LDG.32=2 RED=5 STG.32=1
KERNEL(reductions) {
  const unsigned v = p[threadIdx.x];
  const float f = __uint_as_float(v);
  asm volatile("red.global.add.u32 [%0], %1;" ::"l"(q), "r"(v));
  asm volatile("red.global.or.b32 [%0], %1;" ::"l"(q + 1), "r"(v));
  asm volatile("red.global.add.u64 [%0], %1;" ::"l"(q + 2), "l"((unsigned long long)v));
  asm volatile("red.global.add.f32 [%0], %1;" ::"l"(q + 4), "f"(f));
  asm volatile("red.global.add.v4.f32 [%0], {%1, %1, %1, %1};" ::"l"(q + 8), "f"(f));
  q[threadIdx.x] = p[1];
}

// ATOMG=5 LDG.32=1 STG.32=1
KERNEL(atomics) {
  const unsigned v = p[threadIdx.x];
  q += 8 * threadIdx.x;
  unsigned a, b, c;
  unsigned long long d;
  const unsigned long long wide = v;
  float e;
  asm volatile("atom.global.add.u32 %0, [%1], %2;" : "=r"(a) : "l"(q), "r"(v));
  asm volatile("atom.global.cas.b32 %0, [%1], 1, %2;" : "=r"(b) : "l"(q + 1), "r"(v));
  asm volatile("atom.global.exch.b32 %0, [%1], %2;" : "=r"(c) : "l"(q + 2), "r"(v));
  asm volatile("atom.global.add.u64 %0, [%1], %2;" : "=l"(d) : "l"(q + 4), "l"(wide));
  asm volatile("atom.global.add.f32 %0, [%1], %2;" : "=f"(e) : "l"(q + 6), "f"(__uint_as_float(v)));
  q[0] = a + b + c + (unsigned)d + __float_as_uint(e);
}

// ATOM=1 LDG.32=1 STG.32=1
KERNEL(generic_atomic) {
  q += threadIdx.x;
  unsigned v;
  asm volatile("atom.add.u32 %0, [%1], %2;" : "=r"(v) : "l"(q), "r"(p[threadIdx.x]));
  *q = v;
}

// ATOMS=2 BAR=2 LDG.32=3 LDS.32=1 STG.32=1 STS.32=1
KERNEL(shared_atomics) {
  __shared__ unsigned s[64];
  s[threadIdx.x] = p[threadIdx.x];
  __syncthreads();
  atomicAdd(&s[p[1]], 3u);
  atomicCAS(&s[p[2]], 1u, 2u);
  __syncthreads();
  q[threadIdx.x] = s[threadIdx.x];
}

// BAR=1 LDG.32=1 LDS.128=1 STG.32=1 STS.32=1
KERNEL(shared) {
  tile[threadIdx.x].x = p[threadIdx.x];
  __syncthreads();
  const uint4 v = tile[threadIdx.x ^ 1];
  q[threadIdx.x] = v.x + v.y + v.z + v.w;
}

// LDGSTS.128=1
KERNEL(copies) {
  const auto to = static_cast<unsigned>(__cvta_generic_to_shared(tile));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(p));
  asm volatile("cp.async.wait_all;");
}

// LDSM=1 STG.32=1
KERNEL(matrices) {
  const auto from = static_cast<unsigned>(__cvta_generic_to_shared(tile));
  unsigned v, w;
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
               : "=r"(v), "=r"(w)
               : "r"(from));
  q[threadIdx.x] = v + w;
}

// MEMBAR.SC.GPU=2
KERNEL(sequential_fences) {
  __threadfence();
  asm volatile("fence.sc.gpu;" ::: "memory");
}

// MEMBAR.GPU=2 RED=1
KERNEL(release_fences) {
  asm volatile("fence.acq_rel.gpu;" ::: "memory");
  asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(q) : "memory");
}

// MEMBAR.SC.CTA=1 MEMBAR.SC.SYS=1 MEMBAR.SYS=1 STG.32=3
KERNEL(other_fences) {
  q[0] = 1;
  __threadfence_block();
  q[1] = 1;
  __threadfence_system();
  q[2] = 1;
  asm volatile("fence.acq_rel.sys;" ::: "memory");
}

// FP64=4 LDG.64=1 STG.64=1 STG.8=1
KERNEL(doubles) {
  double d;
  asm volatile("ld.global.f64 %0, [%1];" : "=d"(d) : "l"(p));
  double e = fma(__dmul_rn(__dadd_rn(d, 1.5), d), d, d);
  asm volatile("st.global.f64 [%0], %1;" ::"l"(q), "d"(e));
  *reinterpret_cast<bool*>(q + 4) = d < 3.0;
}

// FP64=7 LDG.32=2 LDG.64=2 STG.32=2 STG.64=5
KERNEL(conversions) {
  const double d = *reinterpret_cast<const double*>(p);
  const long long n = reinterpret_cast<const long long*>(p)[1];
  const float f = reinterpret_cast<const float*>(p)[4];
  const int i = reinterpret_cast<const int*>(p)[7];
  auto* x = reinterpret_cast<double*>(q);
  x[0] = rint(d);
  x[1] = f;
  x[2] = i;
  x[3] = static_cast<double>(n);
  reinterpret_cast<long long*>(q)[4] = __double2ll_rn(d);
  reinterpret_cast<float*>(q)[10] = static_cast<float>(d);
  reinterpret_cast<int*>(q)[13] = static_cast<int>(d);
}

// LDG.32=1 LDG.64=1 STG.32=1 STG.64=1
KERNEL(conversions_without_doubles) {
  q[4] = __float_as_uint(static_cast<float>(*reinterpret_cast<long long*>(p)));
  *reinterpret_cast<long long*>(q) = static_cast<long long>(reinterpret_cast<float*>(p)[2]);
}

// HMMA=1 IMMA=1 LDG.32=1 STG.32=1
KERNEL(tensor_cores) {
  float a = 0, b = 0, c = 0, d = 0;
  int i = 0, j = 0, k = 0, l = 0;
  const unsigned v = p[threadIdx.x];
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %4, %4, %4},"
      " {%4, %4}, {%0, %1, %2, %3};"
      : "+f"(a), "+f"(b), "+f"(c), "+f"(d)
      : "r"(v));
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %4, %4, %4},"
      " {%4, %4}, {%0, %1, %2, %3};"
      : "+r"(i), "+r"(j), "+r"(k), "+r"(l)
      : "r"(v));
  q[threadIdx.x] = __float_as_uint(a + b + c + d) + i + j + k + l;
}

// LDG.32=1 MUFU=2 STG.32=1
KERNEL(functions) {
  float x = __uint_as_float(p[threadIdx.x]);
  asm volatile("ex2.approx.ftz.f32 %0, %0;" : "+f"(x));
  asm volatile("lg2.approx.ftz.f32 %0, %0;" : "+f"(x));
  q[threadIdx.x] = __float_as_uint(x);
}

// LDG.32=1 LDL.32=1 STG.32=1 STL.32=1
KERNEL(local) {
  volatile unsigned array[64];
  array[p[threadIdx.x] & 63] = 1;
  q[threadIdx.x] = array[threadIdx.x & 63];
}
