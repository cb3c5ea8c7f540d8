//! What a person would call the rules of the grammar; never the wording of whole messages.

use super::parse::Rule;

/// The keyword that a rule of the grammar stands for.
pub(super) fn keyword(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::in_word => "in",
        Rule::where_word => "where",
        Rule::require_word => "require",
        Rule::forbid_word => "forbid",
        Rule::unless_word => "unless",
        Rule::import_word => "import",
        Rule::except_word => "except",
        Rule::ignoring_word => "ignoring",
        Rule::message_word => "message",
        Rule::help_word => "help",
        Rule::unknown_word => "unknown",
        Rule::matches_word => "matches",
        Rule::absent_word => "absent",
        Rule::present_word => "present",
        Rule::via_word => "via",
        Rule::only_word => "only",
        Rule::from_word => "from",
        Rule::module_word => "module",
        Rule::group_word => "group",
        Rule::by_word => "by",
        Rule::closed_word => "closed",
        Rule::optional_word => "optional",
        Rule::reason_word => "reason",
        Rule::owner_word => "owner",
        Rule::expires_word => "expires",
        Rule::given_word => "given",
        Rule::expect_word => "expect",
        Rule::has_word => "has",
        Rule::class_word => "class",
        Rule::different_word => "different",
        Rule::of_word => "of",
        _ => return None,
    })
}

/// What a person would call a rule of the grammar; `None` for what an expected list need not name.
pub(super) fn describe(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI => return None,
        Rule::edition | Rule::edition_word => "`edition`",
        Rule::package | Rule::package_word => "`package`",
        Rule::use_item | Rule::use_word => "`use`",
        Rule::param | Rule::param_word => "`param`",
        Rule::function | Rule::fn_word => "`fn`",
        Rule::rule_item | Rule::rule_word | Rule::rule_header => "`rule`",
        Rule::data | Rule::data_word => "`data`",
        Rule::waiver | Rule::waive_word => "`waive`",
        Rule::test_item | Rule::test_word => "`test`",
        Rule::protected_clause | Rule::layers_clause | Rule::independent_clause | Rule::acyclic_clause => "a clause",
        Rule::structure_clause | Rule::code_clause | Rule::tags_clause | Rule::owner_clause | Rule::link_clause => "a clause",
        Rule::protected_word | Rule::layers_word | Rule::independent_word | Rule::acyclic_word | Rule::every_word => "a clause",
        Rule::tags_word | Rule::owner_word | Rule::link_word | Rule::code_word | Rule::reason_word => "a clause",
        Rule::alternative_word | Rule::alternative_clause => "a clause",
        Rule::expires_word | Rule::reason_clause | Rule::expires_clause | Rule::at_most_clause | Rule::only_clause => {
            "a clause"
        }
        Rule::expect_word | Rule::given_word | Rule::today_word | Rule::given_clause | Rule::expect_clause => "a clause",
        Rule::today_clause | Rule::test_param | Rule::waiver_clause | Rule::test_clause | Rule::says => "a clause",
        Rule::from_word => "`from`",
        Rule::column_word => "`column`",
        Rule::key_word => "`key`",
        Rule::via_word | Rule::via => "`via`",
        Rule::only_word => "`only`",
        Rule::closed_word | Rule::closed_mark => "`closed`",
        Rule::optional_word | Rule::optional_member | Rule::optional_mark_word => "`optional`",
        Rule::module_word | Rule::only_module => "`module`",
        Rule::path_word | Rule::only_path => "`path`",
        Rule::subject_word | Rule::only_subject => "`subject`",
        Rule::only_import => "`import`",
        Rule::group_name => return None, // the comma of `for key, items`: who writes `for x` means no groups
        Rule::group_word | Rule::grouping => "`group`",
        Rule::by_word => "`by`",
        Rule::at_word => "`at`",
        Rule::most_word => "`most`",
        Rule::distinct_word | Rule::distinct_mark => "a condition",
        Rule::class_word | Rule::class_member | Rule::def_word | Rule::async_word | Rule::function_member => "a member",
        Rule::attribute_member | Rule::member | Rule::decorator | Rule::self_mark | Rule::async_mark => "a member",
        Rule::members | Rule::facts => "`{`",
        Rule::bases | Rule::signature | Rule::settings => "`(`",
        Rule::with_word | Rule::with_mark => "`with`",
        Rule::member_name | Rule::member_path | Rule::base | Rule::layer | Rule::layer_name | Rule::layer_row => "a name",
        Rule::signature_part | Rule::slash | Rule::stars | Rule::name_of_parameter => "a parameter",
        Rule::any_value | Rule::python_value | Rule::python_number | Rule::python_word => "a value of Python",
        Rule::annotation | Rule::annotation_term | Rule::annotation_list => "an annotation",
        Rule::free_row | Rule::independent_row | Rule::below => "`>`, `|` or `,` and a layer",
        Rule::rule_path => "a rule's name",
        Rule::place | Rule::fact_identity | Rule::imported | Rule::fact_target => "a name",
        Rule::fact | Rule::record_fact | Rule::fact_kind | Rule::fact_import | Rule::fact_from => "a fact",
        Rule::setting => "a field",
        Rule::fact_value | Rule::fact_unknown | Rule::fact_list | Rule::fact_map | Rule::fact_entry => "a value",
        Rule::texts => "text in quotes",
        Rule::for_clause | Rule::where_clause | Rule::require_clause | Rule::forbid_clause | Rule::message_clause => "a clause",
        Rule::help_clause | Rule::on_unknown | Rule::clauses | Rule::for_word | Rule::require_word | Rule::forbid_word => {
            "a clause"
        }
        Rule::message_word | Rule::help_word | Rule::on_word => "a clause",
        Rule::in_word => "`in`",
        Rule::where_word => "`where`",
        Rule::unless_word => "`unless`",
        Rule::import_word => "`import`",
        Rule::except_word | Rule::exceptions => "`except`",
        Rule::ignoring_word | Rule::ignoring => "`ignoring`",
        Rule::unknown_word => "`unknown`",
        Rule::different_word => "`different`",
        Rule::of_word => "`of`",
        Rule::absent_word | Rule::present_word => "`absent` or `present`",
        Rule::any_word | Rule::all_word | Rule::count_word | Rule::boolean | Rule::expression | Rule::conjunction => {
            "a condition"
        }
        Rule::negation | Rule::comparison | Rule::fallback | Rule::postfix | Rule::group | Rule::quantifier => "a condition",
        Rule::count | Rule::reference | Rule::set | Rule::list | Rule::whole_expression | Rule::not_word => "a condition",
        Rule::integer => "a whole number",
        Rule::fraction | Rule::date => "a condition",
        Rule::and_word | Rule::or_word | Rule::operator | Rule::comparison_tail | Rule::matches_word | Rule::has_word => {
            "an operator"
        }
        Rule::is_word | Rule::is_test | Rule::not_in | Rule::lone_equals | Rule::fallback_mark => "an operator",
        Rule::access | Rule::index | Rule::arguments => "an operator",
        Rule::name | Rule::field | Rule::dotted | Rule::rule_name | Rule::parameter | Rule::binding => "a name",
        Rule::choice => "a word",
        Rule::text => "text in quotes",
        Rule::type_name | Rule::element => "a type",
        Rule::optional_mark => "`?`",
        Rule::colon => "`:`",
        Rule::assign => "`=`",
        Rule::returns | Rule::arrow => "`->`",
        Rule::chain_arrow => "`->*`",
        Rule::open => "`{`",
        Rule::close => "`}`",
        Rule::import_ban => "`import`",
        Rule::exception | Rule::patterns | Rule::pattern | Rule::segment => "a module pattern",
        Rule::items | Rule::item | Rule::clause | Rule::primary | Rule::reserved | Rule::end => return None,
        Rule::word_start | Rule::word_char | Rule::WHITESPACE | Rule::COMMENT => return None,
    })
}
