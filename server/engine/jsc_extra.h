// Functions that JavaScriptCore exports with its C API and declares only in private headers. Their
// signatures are those of WebKit's JSContextRefPrivate.h, JSBasePrivate.h and
// JSHeapFinalizerPrivate.h, unchanged there for a decade.
#ifndef TIDEMARK_SERVER_ENGINE_JSC_EXTRA_H_
#define TIDEMARK_SERVER_ENGINE_JSC_EXTRA_H_

#include <JavaScriptCore/JavaScript.h>

extern "C" {

/// Called on the engine's thread when the limit has passed. True ends the script; after false the
/// limit is armed again only if the callback sets it again.
typedef bool (*JSShouldTerminateCallback)(JSContextRef context, void* data);

/// The limit is processor time of the engine's thread and starts anew with each outermost entry
/// into the VM, so also with each microtask.
JS_EXPORT void JSContextGroupSetExecutionTimeLimit(JSContextGroupRef group, double limit_s,
                                                   JSShouldTerminateCallback callback, void* data);

/// Called on the engine's thread after each garbage collection; must not touch any value.
typedef void (*JSHeapFinalizer)(JSContextGroupRef group, void* data);
JS_EXPORT void JSContextGroupAddHeapFinalizer(JSContextGroupRef group, JSHeapFinalizer finalizer,
                                              void* data);
JS_EXPORT void JSContextGroupRemoveHeapFinalizer(JSContextGroupRef group, JSHeapFinalizer finalizer,
                                                 void* data);

/// An object with `heapSize` (bytes) among others; walks the heap.
JS_EXPORT JSObjectRef JSGetMemoryUsageStatistics(JSContextRef context);

}  // extern "C"

#endif  // TIDEMARK_SERVER_ENGINE_JSC_EXTRA_H_
