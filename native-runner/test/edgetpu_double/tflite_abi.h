// The structures that TFLite and a delegate share, as libedgetpu uses them (tensorflow/lite/core/c/common.h, 2.15 to
// 2.18): only the test's double needs them, never the runner.
#ifndef JOULESPAN_TEST_EDGETPU_DOUBLE_TFLITE_ABI_H_
#define JOULESPAN_TEST_EDGETPU_DOUBLE_TFLITE_ABI_H_

#include <cstddef>
#include <cstdint>

namespace joulespan::test::abi {

enum Status : int { kOk = 0, kError = 1, kDelegateError = 2 };

constexpr int64_t kAllowDynamicTensors = 1;

struct IntArray {
  int size;
  int data[1];
};

struct Delegate;
struct Context;

struct Tensor {
  int type;
  void* data;
  IntArray* dims;
  float scale;
  int32_t zero_point;
  int allocation_type;
  size_t bytes;
  const void* allocation;
  const char* name;
  Delegate* delegate;
  int buffer_handle;
  bool data_is_stale;
  bool is_variable;
  int quantization_type;
  void* quantization_params;
  void* sparsity;
  const IntArray* dims_signature;
};

struct Node {
  IntArray* inputs;
  IntArray* outputs;
  IntArray* intermediates;
  IntArray* temporaries;
  void* user_data;
};

struct Registration {
  void* (*init)(Context*, const char* buffer, size_t length);
  void (*free)(Context*, void* buffer);
  Status (*prepare)(Context*, Node*);
  Status (*invoke)(Context*, Node*);
  const char* (*profiling_string)(const Context*, const Node*);
  int32_t builtin_code;
  const char* custom_name;
  int version;
  void* external;
  void* async_kernel;
  uint64_t inplace_operator;
  uint64_t room[8];  // passed by value: TFLite may read more than this version knows
};

struct Context {
  size_t tensors_size;
  Status (*GetExecutionPlan)(Context*, IntArray** plan);
  Tensor* tensors;
  void* impl;
  Status (*ResizeTensor)(Context*, Tensor*, IntArray* new_size);
  void (*ReportError)(Context*, const char* message, ...);
  Status (*AddTensors)(Context*, int count, int* first_new);
  Status (*GetNodeAndRegistration)(Context*, int node_index, Node** node, Registration** registration);
  Status (*ReplaceNodeSubsetsWithDelegateKernels)(Context*, Registration, const IntArray* nodes, Delegate*);
};

// What a kernel's init gets as its buffer.
struct DelegateParameters {
  Delegate* delegate;
};

struct Delegate {
  void* data;
  Status (*Prepare)(Context*, Delegate*);
  Status (*CopyFromBufferHandle)(Context*, Delegate*, int, Tensor*);
  Status (*CopyToBufferHandle)(Context*, Delegate*, int, Tensor*);
  void (*FreeBufferHandle)(Context*, Delegate*, int*);
  int64_t flags;
  void* opaque_delegate_builder;
  uint64_t room[8];
};

}  // namespace joulespan::test::abi

#endif  // JOULESPAN_TEST_EDGETPU_DOUBLE_TFLITE_ABI_H_
