/* The order of V8's enum InstanceType, where symbols name only some of it.
 *
 * Until V8 7.9 the v8dbg symbols leave types out (maps and sets, feedback vectors, contexts, typed arrays),
 * and before 7.4 no roots name them. The enum's order says which they are: between two types whose numbers
 * the symbols tell, the names that V8's source has there, if there are exactly as many. No number is written
 * here; where the count differs nothing is filled in. The orders are those of the V8 named; later or earlier
 * minors of a range differ in places. */
#include "v8/type_private.h"

#include <stdlib.h>
#include <string.h>

#include "v8/layout.h"

static const struct {
    int first, last;   /* major * 100 + minor */
    const char *names; /* "-": a type that does not matter here */
} orders[] = {
    /* 3.14 */
    {314, 314,
     "Map Code Oddball JSGlobalPropertyCell HeapNumber Foreign ByteArray FreeSpace "
     "ExternalByteArray ExternalUnsignedByteArray ExternalShortArray "
     "ExternalUnsignedShortArray ExternalIntArray ExternalUnsignedIntArray ExternalFloatArray "
     "ExternalDoubleArray ExternalPixelArray FixedDoubleArray Filler AccessorInfo AccessorPair "
     "AccessCheckInfo InterceptorInfo CallHandlerInfo FunctionTemplateInfo ObjectTemplateInfo "
     "SignatureInfo TypeSwitchInfo Script CodeCache PolymorphicCodeCache TypeFeedbackInfo "
     "AliasedArgumentsEntry DebugInfo BreakPointInfo FixedArray SharedFunctionInfo "
     "JSMessageObject JSFunctionProxy JSProxy JSValue JSDate JSObject JSContextExtensionObject "
     "JSModule JSGlobalObject JSBuiltinsObject JSGlobalProxy JSArray JSSet JSMap JSWeakMap "
     "JSRegExp JSFunction"},
    /* 3.28 */
    {328, 328,
     "Symbol Map Code Oddball Cell PropertyCell HeapNumber MutableHeapNumber Foreign ByteArray "
     "FreeSpace ExternalInt8Array ExternalUint8Array ExternalInt16Array ExternalUint16Array "
     "ExternalInt32Array ExternalUint32Array ExternalFloat32Array ExternalFloat64Array "
     "ExternalUint8ClampedArray FixedInt8Array FixedUint8Array FixedInt16Array "
     "FixedUint16Array FixedInt32Array FixedUint32Array FixedFloat32Array FixedFloat64Array "
     "FixedUint8ClampedArray FixedDoubleArray Filler DeclaredAccessorDescriptor "
     "DeclaredAccessorInfo ExecutableAccessorInfo AccessorPair AccessCheckInfo InterceptorInfo "
     "CallHandlerInfo FunctionTemplateInfo ObjectTemplateInfo SignatureInfo TypeSwitchInfo "
     "AllocationSite AllocationMemento Script CodeCache PolymorphicCodeCache TypeFeedbackInfo "
     "AliasedArgumentsEntry Box DebugInfo BreakPointInfo FixedArray ConstantPoolArray "
     "SharedFunctionInfo JSFunctionProxy JSProxy JSValue JSMessageObject JSDate JSObject "
     "JSContextExtensionObject JSGeneratorObject JSModule JSGlobalObject JSBuiltinsObject "
     "JSGlobalProxy JSArray JSArrayBuffer JSTypedArray JSDataView JSSet JSMap JSSetIterator "
     "JSMapIterator JSWeakMap JSWeakSet JSRegExp JSFunction"},
    /* 4.5 */
    {405, 405,
     "Symbol Map Code Oddball HeapNumber MutableHeapNumber Float32x4 Foreign ByteArray "
     "FreeSpace ExternalInt8Array ExternalUint8Array ExternalInt16Array ExternalUint16Array "
     "ExternalInt32Array ExternalUint32Array ExternalFloat32Array ExternalFloat64Array "
     "ExternalUint8ClampedArray FixedInt8Array FixedUint8Array FixedInt16Array "
     "FixedUint16Array FixedInt32Array FixedUint32Array FixedFloat32Array FixedFloat64Array "
     "FixedUint8ClampedArray FixedDoubleArray - - - ExecutableAccessorInfo AccessorPair "
     "AccessCheckInfo InterceptorInfo CallHandlerInfo FunctionTemplateInfo ObjectTemplateInfo "
     "- TypeSwitchInfo AllocationSite AllocationMemento Script CodeCache PolymorphicCodeCache "
     "TypeFeedbackInfo AliasedArgumentsEntry Box DebugInfo BreakPointInfo FixedArray "
     "SharedFunctionInfo Cell WeakCell PropertyCell PrototypeInfo JSFunctionProxy JSProxy "
     "JSValue JSMessageObject JSDate JSObject - JSGeneratorObject JSModule JSGlobalObject "
     "JSBuiltinsObject JSGlobalProxy JSArray JSArrayBuffer JSTypedArray JSDataView JSSet JSMap "
     "- - JSWeakMap JSWeakSet JSRegExp JSFunction"},
    /* 4.6 */
    {406, 406,
     "Symbol HeapNumber Simd128Value Oddball Map Code MutableHeapNumber Foreign ByteArray "
     "BytecodeArray FreeSpace FixedInt8Array FixedUint8Array FixedInt16Array FixedUint16Array "
     "FixedInt32Array FixedUint32Array FixedFloat32Array FixedFloat64Array "
     "FixedUint8ClampedArray FixedDoubleArray - - - ExecutableAccessorInfo AccessorPair "
     "AccessCheckInfo InterceptorInfo CallHandlerInfo FunctionTemplateInfo ObjectTemplateInfo "
     "- TypeSwitchInfo AllocationSite AllocationMemento Script CodeCache PolymorphicCodeCache "
     "TypeFeedbackInfo AliasedArgumentsEntry Box DebugInfo BreakPointInfo FixedArray "
     "SharedFunctionInfo Cell WeakCell PropertyCell PrototypeInfo JSFunctionProxy JSProxy "
     "JSValue JSMessageObject JSDate JSObject - JSGeneratorObject JSModule JSGlobalObject "
     "JSBuiltinsObject JSGlobalProxy JSArray JSArrayBuffer JSTypedArray JSDataView JSSet JSMap "
     "- - JSWeakMap JSWeakSet JSRegExp JSFunction"},
    /* 5.1 */
    {500, 505,
     "Symbol HeapNumber Simd128Value Oddball Map Code MutableHeapNumber Foreign ByteArray "
     "BytecodeArray FreeSpace FixedInt8Array FixedUint8Array FixedInt16Array FixedUint16Array "
     "FixedInt32Array FixedUint32Array FixedFloat32Array FixedFloat64Array "
     "FixedUint8ClampedArray FixedDoubleArray - AccessorInfo AccessorPair AccessCheckInfo "
     "InterceptorInfo CallHandlerInfo FunctionTemplateInfo ObjectTemplateInfo - - "
     "AllocationSite AllocationMemento Script CodeCache PolymorphicCodeCache TypeFeedbackInfo "
     "AliasedArgumentsEntry Box DebugInfo BreakPointInfo FixedArray SharedFunctionInfo Cell "
     "WeakCell TransitionArray PropertyCell PrototypeInfo SloppyBlockWithEvalContextExtension "
     "JSProxy JSGlobalObject - JSValue JSObject JSGlobalProxy JSMessageObject JSDate - "
     "JSGeneratorObject JSModule JSArray JSArrayBuffer JSTypedArray JSDataView JSSet JSMap - - "
     "JSWeakMap JSWeakSet - JSRegExp JSBoundFunction JSFunction"},
    /* 6.2 */
    {508, 602,
     "Symbol HeapNumber Oddball Map Code MutableHeapNumber Foreign ByteArray BytecodeArray "
     "FreeSpace FixedInt8Array FixedUint8Array FixedInt16Array FixedUint16Array "
     "FixedInt32Array FixedUint32Array FixedFloat32Array FixedFloat64Array "
     "FixedUint8ClampedArray FixedDoubleArray Filler AccessorInfo AccessorPair AccessCheckInfo "
     "InterceptorInfo FunctionTemplateInfo ObjectTemplateInfo AllocationSite AllocationMemento "
     "Script AliasedArgumentsEntry PromiseResolveThenableJobInfo PromiseReactionJobInfo "
     "DebugInfo StackFrameInfo PrototypeInfo Tuple2 Tuple3 ContextExtension Module "
     "ModuleInfoEntry AsyncGeneratorRequest FixedArray HashTable FeedbackVector "
     "TransitionArray PropertyArray SharedFunctionInfo Cell WeakCell PropertyCell "
     "SmallOrderedHashMap SmallOrderedHashSet JSProxy JSGlobalObject JSGlobalProxy "
     "JSModuleNamespace JSSpecialApiObject JSValue - JSObject JSMessageObject JSDate "
     "JSApiObject - JSGeneratorObject JSAsyncGeneratorObject JSArray JSArrayBuffer "
     "JSTypedArray JSDataView JSSet JSMap JSSetKeyValueIterator JSSetValueIterator "
     "JSMapKeyIterator JSMapKeyValueIterator JSMapValueIterator JSWeakMap JSWeakSet "
     "JSPromiseCapability JSPromise JSRegExp JSError JSAsyncFromSyncIterator JSStringIterator "
     "- - WasmMemory WasmModule WasmTable"},
    /* 6.2 */
    {508, 602, "JSBoundFunction JSFunction"},
    /* 6.8 */
    {606, 700,
     "Symbol HeapNumber BigInt Oddball Map Code MutableHeapNumber Foreign ByteArray "
     "BytecodeArray FreeSpace FixedInt8Array FixedUint8Array FixedInt16Array FixedUint16Array "
     "FixedInt32Array FixedUint32Array FixedFloat32Array FixedFloat64Array "
     "FixedUint8ClampedArray FixedBigint64Array FixedBiguint64Array FixedDoubleArray "
     "FeedbackMetadata Filler AccessCheckInfo AccessorInfo AccessorPair AliasedArgumentsEntry "
     "AllocationMemento AllocationSite AsyncGeneratorRequest DebugInfo FunctionTemplateInfo "
     "InterceptorInfo InterpreterData ModuleInfoEntry Module ObjectTemplateInfo "
     "PromiseCapability PromiseReaction PrototypeInfo Script StackFrameInfo Tuple2 Tuple3 "
     "WasmCompiledModule WasmDebugInfo WasmExportedFunctionData WasmSharedModuleData "
     "CallableTask CallbackTask PromiseFulfillReactionJobTask PromiseRejectReactionJobTask "
     "PromiseResolveThenableJobTask FixedArray BoilerplateDescription DescriptorArray "
     "HashTable ScopeInfo BlockContext CatchContext DebugEvaluateContext EvalContext "
     "FunctionContext ModuleContext NativeContext ScriptContext WithContext WeakFixedArray "
     "TransitionArray CallHandlerInfo Cell CodeDataContainer FeedbackCell FeedbackVector "
     "LoadHandler PropertyArray PropertyCell SharedFunctionInfo SmallOrderedHashMap "
     "SmallOrderedHashSet StoreHandler WeakCell WeakArrayList"},
    /* 6.8 */
    {606, 700, "JSProxy JSGlobalObject JSGlobalProxy JSModuleNamespace JSSpecialApiObject"},
    /* 6.8 */
    {606, 700, "JSValue JSApiObject"},
    /* 6.8 */
    {606, 700,
     "JSObject JSArgumentsObject JSArrayBuffer JSArrayIterator JSArray JSAsyncFromSyncIterator "
     "JSAsyncGeneratorObject JSContextExtensionObject JSDate JSError JSGeneratorObject JSMap "
     "JSMapKeyIterator JSMapKeyValueIterator JSMapValueIterator JSMessageObject JSPromise "
     "JSRegExp JSRegExpStringIterator JSSet JSSetKeyValueIterator JSSetValueIterator "
     "JSStringIterator JSWeakMap JSWeakSet JSTypedArray JSDataView - - WasmInstance WasmMemory "
     "WasmModule WasmTable JSBoundFunction JSFunction"},
    /* 6.7 */
    {607, 607, "AsyncGeneratorRequest ContextExtension DebugInfo FunctionTemplateInfo"},
    /* 6.7 */
    {607, 607,
     "Tuple3 WasmCompiledModule WasmDebugInfo WasmSharedModuleData CallableTask CallbackTask "
     "PromiseFulfillReactionJobTask PromiseRejectReactionJobTask PromiseResolveThenableJobTask "
     "FixedArray BoilerplateDescription DescriptorArray HashTable ScopeInfo TransitionArray "
     "BlockContext CatchContext DebugEvaluateContext EvalContext FunctionContext ModuleContext "
     "NativeContext ScriptContext WithContext CallHandlerInfo"},
    /* 6.7 */
    {607, 607, "JSDataView - WasmInstance WasmMemory WasmModule WasmTable JSBoundFunction"},
    /* 6.6 */
    {606, 606,
     "JSObject JSArgumentsObject JSArrayBuffer JSArray JSAsyncFromSyncIterator "
     "JSAsyncGeneratorObject JSContextExtensionObject JSDate JSError JSGeneratorObject JSMap "
     "JSMapKeyIterator JSMapKeyValueIterator JSMapValueIterator JSMessageObject JSPromise "
     "JSRegExp JSSet JSSetKeyValueIterator JSSetValueIterator JSStringIterator JSWeakMap "
     "JSWeakSet JSTypedArray JSDataView"},
    /* 5.8-6.0 */
    {508, 601, "FixedArray TransitionArray SharedFunctionInfo"},
    /* 6.1 */
    {601, 601, "FixedArray HashTable - TransitionArray"},
    /* 7.8 */
    {704, 708,
     "JSObject JSArgumentsObject JSArrayBuffer JSArrayIterator JSArray JSAsyncFromSyncIterator "
     "JSAsyncFunctionObject JSAsyncGeneratorObject JSContextExtensionObject JSDate JSError "
     "JSGeneratorObject JSMap JSMapKeyIterator JSMapKeyValueIterator JSMapValueIterator "
     "JSMessageObject JSPromise JSRegExp JSRegExpStringIterator JSSet JSSetKeyValueIterator "
     "JSSetValueIterator JSStringIterator - - - JSWeakMap JSWeakSet JSTypedArray JSDataView"},
    /* 7.9 */
    {709, 709,
     "JSPrimitiveWrapper - JSMapKeyIterator JSMapKeyValueIterator JSMapValueIterator "
     "JSSetKeyValueIterator JSSetValueIterator JSGeneratorObject JSAsyncFunctionObject "
     "JSAsyncGeneratorObject JSDataView JSTypedArray JSMap JSSet JSWeakMap JSWeakSet - "
     "JSObject JSArgumentsObject JSArray"},
    /* all */
    {400, 709, "JSProxy JSGlobalObject JSGlobalProxy"},
};
enum { ORDERS = sizeof orders / sizeof *orders, NAMES_LIMIT = 256 };

struct name {
    const char *text;
    size_t length;
    int32_t number; /* -1: not known */
};

static size_t split(const char *names, struct name *ret) {
    size_t count = 0;
    while (*names && count < NAMES_LIMIT) {
        size_t length = strcspn(names, " ");
        ret[count++] = (struct name){names, length, -1};
        names += length + strspn(names + length, " ");
    }
    return count;
}

static int32_t number_of(const struct hs_types *types, const struct name *name) {
    for (uint32_t i = types->first_nonstring; i < types->count; i++)
        if (strlen(types->items[i].name) == name->length &&
            memcmp(types->items[i].name, name->text, name->length) == 0)
            return (int32_t)i;
    return -1;
}

static struct hs_error *fill(struct hs_types *types, const struct name *names, size_t from, size_t to,
                             int32_t first) {
    for (size_t i = from; i < to; i++)
        if (*names[i].text != '-')
            HS_TRY(hs_types_add(types, first + (int32_t)(i - from), names[i].text, names[i].length,
                                HS_FROM_DERIVED));
    return NULL;
}

static struct hs_error *apply(struct hs_types *types, const char *text) {
    struct name names[NAMES_LIMIT];
    size_t count = split(text, names), anchor = count;
    for (size_t i = 0; i < count; i++)
        if (*names[i].text != '-') names[i].number = number_of(types, &names[i]);
    for (size_t i = 0; i < count; i++) {
        if (names[i].number < 0) continue;
        /* What stands before the first known one: the numbers below it, unless another has one of them. */
        if (anchor == count && (uint32_t)names[i].number >= types->first_nonstring + i)
            HS_TRY(fill(types, names, 0, i, names[i].number - (int32_t)i));
        else if (anchor < count && names[i].number - names[anchor].number == (int32_t)(i - anchor))
            HS_TRY(fill(types, names, anchor + 1, i, names[anchor].number + 1));
        anchor = i;
    }
    return NULL;
}

struct hs_error *hs_types_fill(struct hs_types *types, int minor) {
    for (size_t i = 0; i < ORDERS; i++)
        if (orders[i].first <= minor && minor <= orders[i].last) HS_TRY(apply(types, orders[i].names));
    return NULL;
}
