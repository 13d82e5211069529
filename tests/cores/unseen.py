"""A V8 that nobody has seen: a made-up version number with an unchanged layout is read by symbols and discovery; where a field
has moved, the self-checks refuse the core and name the fact. Made by changing a metadata file, not the core."""
import json, os
import release, target
from stream import Run, scan
from tap import Results

# The symbols that move (to the next field of their object), and what the refusal must name.
MOVED = {'class_Map__instance_type__': 'root', 'class_Map__instance_descriptors__': 'Map.instance_descriptors',
         'class_Map__bit_field3__': 'Map.bit_field3', 'class_Map__prototype__': 'Map.',
         'class_Map__inobject_properties_start_or_constructor_function_index__': 'Map.inobject_properties_start', 'class_Map__constructor_or_back_pointer__': 'Map.constructor_or_back_pointer',
         'class_JSFunction__shared__': 'JSFunction.shared_function_info', 'class_JSObject__elements__': 'JSObject.elements',
         'class_SharedFunctionInfo__name_or_scope_info__': 'SharedFunctionInfo.name_or_scope_info',
         'class_JSReceiver__raw_properties_or_hash__': 'JSReceiver.raw_properties_or_hash',
         'class_String__length__': 'empty_string', 'class_Symbol__name__': 'to_string_tag_symbol',
         'class_SeqOneByteString__chars__': 'to_string_tag_symbol', 'class_Oddball__kind': 'undefined_value'}

# The same before V8 4, whose symbols have other names: {symbol: (bytes to move it by, what the refusal must name: one of the words)}.
# What follows bit_field3 is an address: by its bits the maps own too much, or are taken for dictionaries.
MOVED_OLD = {'class_Map__instance_attributes__': (1, 'roots'), 'class_Map__instance_descriptors__': (8, 'descriptors'),
             'class_Map__bit_field3__': (4, 'Map.bit_field3 properties'), 'class_Map__prototype__': (8, 'Map.prototype'),
             'class_Map__inobject_properties__': (1, 'Map.inobject_properties'), 'class_Map__constructor__': (8, 'Map.constructor_or_back_pointer'),
             'class_JSFunction__shared__': (8, 'JSFunction.shared_function_info'), 'class_JSObject__elements__': (8, 'JSObject.elements'),
             'class_JSObject__properties__': (8, 'JSReceiver.raw_properties_or_hash'),
             'class_SharedFunctionInfo__name__': (8, 'SharedFunctionInfo.name_or_scope_info'),
             'class_String__length__': (8, 'String.length'), 'class_Seq': (8, 'SeqString.chars'),
             'class_Oddball__kind': (8, 'undefined_value'), 'bit_field3_dictionary_map_shift': (1, 'JSReceiver.raw_properties_or_hash')}


def check_provenance(results, version, core, saved):
    """Each fact comes from where it came from with the binary at hand."""
    told, again = Run(['--explain-layout', core]), Run(['--explain-layout', '--metadata', saved, core])
    results.check(told.status == again.status == 0 and told.output == again.output and len(told.output) > 1000,
                  f'{version}: unseen: the same facts from the same sources by its own metadata', again.said())


def old(folder, version):
    """Node 0.10 and 0.12: a field that has moved is refused by name."""
    results = Results()
    node = target.fetch(version)
    with target.Target(node, 'older.js', folder, arguments=('1',)) as process:
        process.wait_for('ready step 1')
        core = process.core('core')
    saved, changed = os.path.join(folder, 'metadata'), os.path.join(folder, 'changed')
    results.check(Run(['--save-metadata', saved, node]).status == 0, f'{version}: unseen: --save-metadata')
    with open(saved) as file:
        truth = json.load(file)
    ran = scan(core, '--quick', '--metadata', saved)
    results.check(ran.status == 0, f'{version}: unseen: its own metadata: complete', ran.said())
    check_provenance(results, version, core, saved)
    for stem, (move, fact) in MOVED_OLD.items():
        constants = {name: value + (move if name.startswith(stem) else 0) for name, value in truth['constants'].items()}
        with open(changed, 'w') as file:
            json.dump(dict(truth, constants=constants), file)
        ran = scan(core, '--quick', '--metadata', changed)
        results.check(constants != truth['constants'] and ran.status == 2 and any(word in ran.errors for word in fact.split()),
                      f'{version}: unseen: {stem.rstrip("_")} moved: refused, naming {fact}', ran.said(), ran.errors[-400:])
    os.unlink(core)
    return results, None


def run(folder, version):
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    core, saved, changed = release.capture(node, folder), os.path.join(folder, 'metadata'), os.path.join(folder, 'changed')
    results.check(Run(['--save-metadata', saved, node]).status == 0, f'{version}: unseen: --save-metadata')
    with open(saved) as file:
        truth = json.load(file)
    check_provenance(results, version, core, saved)
    truth['version'] = [12, 77, 0, 0]

    def classes_with(document):
        with open(changed, 'w') as file:
            json.dump(document, file)
        return scan(core, '--quick', '--metadata', changed)
    known = scan(core, '--quick').stream()
    ran = classes_with(truth)
    names = lambda stream: sorted((c['type'], c['constructor'], tuple(c['properties']), c['count'], c['bytes']) for c in stream.classes
                                  if c['type'] in ('object', 'closure') and 'global' not in c['constructor'])
    same = ran.status == 0 and names(ran.stream()) == names(known)
    results.check(same, f'{version}: unseen: V8 12.77 with the same layout: the same classes', ran.said())
    for stem, fact in MOVED.items():
        fields = [name for name in truth['constants'] if name.startswith(stem)]
        constants = dict(truth['constants'])
        for name in fields:
            constants[name] += 1 if 'inobject' in name else 2 if 'instance_type' in name else 4 if 'bit_field3' in name or 'length' in name else 8
        ran = classes_with(dict(truth, constants=constants))
        results.check(fields and ran.status == 2 and fact in ran.errors and '12.77' in ran.errors,
                      f'{version}: unseen: {stem.rstrip("_")} moved: refused, naming {fact}', ran.said(), ran.errors[-400:])
    os.unlink(core)
    return results, None
