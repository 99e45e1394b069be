// The grammar of the Annals language, as PEGTL rules and nothing else. Spans of rules never end in
// white space. Rules below a *_must are points of no return: query/native/parser.cc has a message
// for each.
#ifndef QUERY_NATIVE_GRAMMAR_H_
#define QUERY_NATIVE_GRAMMAR_H_

#include <tao/pegtl.hpp>

namespace annals::native::grammar {

using namespace tao::pegtl;  // NOLINT: the grammar reads as one

// --- Characters, white space, comments ---
struct space_char : one<' ', '\t', '\n', '\r', '\v', '\f'> {};
struct comment : seq<two<'-'>, until<eolf>> {};
struct spaces : plus<space_char, star<comment>> {};
struct ws : opt<spaces> {};
struct first_ws : seq<star<comment>, ws> {};  // where a line begins
struct wide_char : utf8::range<0x80, 0x10ffff> {};
struct letter : sor<alpha, one<'_'>, wide_char> {};
struct letter_or_digit : sor<alnum, one<'_'>, wide_char> {};
struct identifier : seq<letter, star<letter_or_digit>> {};
struct comment_mark : two<'-'> {};
struct variable_mark : seq<one<'?'>, letter> {};

template <char... C>
struct keyword : seq<string<C...>, not_at<letter_or_digit>> {};

struct kw_add : keyword<'a', 'd', 'd'> {};
struct kw_after : keyword<'a', 'f', 't', 'e', 'r'> {};
struct kw_alias : keyword<'a', 'l', 'i', 'a', 's'> {};
struct kw_and : keyword<'a', 'n', 'd'> {};
struct kw_as : keyword<'a', 's'> {};
struct kw_asc : keyword<'a', 's', 'c'> {};
struct kw_before : keyword<'b', 'e', 'f', 'o', 'r', 'e'> {};
struct kw_begin : keyword<'b', 'e', 'g', 'i', 'n'> {};
struct kw_by : keyword<'b', 'y'> {};
struct kw_check : keyword<'c', 'h', 'e', 'c', 'k'> {};
struct kw_coalesced : keyword<'c', 'o', 'a', 'l', 'e', 's', 'c', 'e', 'd'> {};
struct kw_commit : keyword<'c', 'o', 'm', 'm', 'i', 't'> {};
struct kw_conflicts : keyword<'c', 'o', 'n', 'f', 'l', 'i', 'c', 't', 's'> {};
struct kw_desc : keyword<'d', 'e', 's', 'c'> {};
struct kw_describe : keyword<'d', 'e', 's', 'c', 'r', 'i', 'b', 'e'> {};
struct kw_distinct : keyword<'d', 'i', 's', 't', 'i', 'n', 'c', 't'> {};
struct kw_drop : keyword<'d', 'r', 'o', 'p'> {};
struct kw_equals : keyword<'e', 'q', 'u', 'a', 'l', 's'> {};
struct kw_error : keyword<'e', 'r', 'r', 'o', 'r'> {};
struct kw_every : keyword<'e', 'v', 'e', 'r', 'y'> {};
struct kw_exists : keyword<'e', 'x', 'i', 's', 't', 's'> {};
struct kw_explain : keyword<'e', 'x', 'p', 'l', 'a', 'i', 'n'> {};
struct kw_export : keyword<'e', 'x', 'p', 'o', 'r', 't'> {};
struct kw_find : keyword<'f', 'i', 'n', 'd'> {};
struct kw_format : keyword<'f', 'o', 'r', 'm', 'a', 't'> {};
struct kw_from : keyword<'f', 'r', 'o', 'm'> {};
struct kw_having : keyword<'h', 'a', 'v', 'i', 'n', 'g'> {};
struct kw_history : keyword<'h', 'i', 's', 't', 'o', 'r', 'y'> {};
struct kw_if : keyword<'i', 'f'> {};
struct kw_in : keyword<'i', 'n'> {};
struct kw_into : keyword<'i', 'n', 't', 'o'> {};
struct kw_let : keyword<'l', 'e', 't'> {};
struct kw_limit : keyword<'l', 'i', 'm', 'i', 't'> {};
struct kw_load : keyword<'l', 'o', 'a', 'd'> {};
struct kw_merge : keyword<'m', 'e', 'r', 'g', 'e'> {};
struct kw_not : keyword<'n', 'o', 't'> {};
struct kw_of : keyword<'o', 'f'> {};
struct kw_offset : keyword<'o', 'f', 'f', 's', 'e', 't'> {};
struct kw_on : keyword<'o', 'n'> {};
struct kw_optional : keyword<'o', 'p', 't', 'i', 'o', 'n', 'a', 'l'> {};
struct kw_or : keyword<'o', 'r'> {};
struct kw_order : keyword<'o', 'r', 'd', 'e', 'r'> {};
struct kw_overlaps : keyword<'o', 'v', 'e', 'r', 'l', 'a', 'p', 's'> {};
struct kw_possibly : keyword<'p', 'o', 's', 's', 'i', 'b', 'l', 'y'> {};
struct kw_predicate : keyword<'p', 'r', 'e', 'd', 'i', 'c', 'a', 't', 'e'> {};
struct kw_prefix : keyword<'p', 'r', 'e', 'f', 'i', 'x'> {};
struct kw_profile : keyword<'p', 'r', 'o', 'f', 'i', 'l', 'e'> {};
struct kw_published : keyword<'p', 'u', 'b', 'l', 'i', 's', 'h', 'e', 'd'> {};
struct kw_remove : keyword<'r', 'e', 'm', 'o', 'v', 'e'> {};
struct kw_replacing : keyword<'r', 'e', 'p', 'l', 'a', 'c', 'i', 'n', 'g'> {};
struct kw_report : keyword<'r', 'e', 'p', 'o', 'r', 't'> {};
struct kw_rollback : keyword<'r', 'o', 'l', 'l', 'b', 'a', 'c', 'k'> {};
struct kw_rule : keyword<'r', 'u', 'l', 'e'> {};
struct kw_shortest : keyword<'s', 'h', 'o', 'r', 't', 'e', 's', 't'> {};
struct kw_show : keyword<'s', 'h', 'o', 'w'> {};
struct kw_skip : keyword<'s', 'k', 'i', 'p'> {};
struct kw_source : keyword<'s', 'o', 'u', 'r', 'c', 'e'> {};
struct kw_ties : keyword<'t', 'i', 'e', 's'> {};
struct kw_time : keyword<'t', 'i', 'm', 'e'> {};
struct kw_timeline : keyword<'t', 'i', 'm', 'e', 'l', 'i', 'n', 'e'> {};
struct kw_unmerge : keyword<'u', 'n', 'm', 'e', 'r', 'g', 'e'> {};
struct kw_where : keyword<'w', 'h', 'e', 'r', 'e'> {};
struct kw_why : keyword<'w', 'h', 'y'> {};
struct kw_with : keyword<'w', 'i', 't', 'h'> {};
struct kw_withdraw : keyword<'w', 'i', 't', 'h', 'd', 'r', 'a', 'w'> {};

// --- Terms ---
struct variable : seq<one<'?'>, identifier> {};
struct parameter_name : identifier {};
struct parameter : if_must<one<'$'>, parameter_name> {};

struct quoted_char : sor<two<'`'>, not_one<'`'>> {};
// Looks ahead, so that the fault is at the begin of a name that is never closed.
struct quoted_closes : at<star<quoted_char>, one<'`'>> {};
struct quoted_close : one<'`'> {};
struct quoted_name : if_must<one<'`'>, quoted_closes, star<quoted_char>, quoted_close> {};

struct iri_char : not_one<'<', '>', '"', '{', '}', '|', '^', '`', '\\', ' ', '\t', '\n', '\r'> {};
struct iri_text : star<iri_char> {};
struct iri_close : one<'>'> {};
struct iri : if_must<one<'<'>, iri_text, iri_close> {};

struct escape_char : sor<one<'n', 't', 'r', '"', '\\'>, seq<one<'u'>, rep<4, xdigit>>,
                         seq<one<'U'>, rep<8, xdigit>>> {};
struct escape : if_must<one<'\\'>, escape_char> {};
struct string_char : sor<escape, not_one<'"', '\n', '\r', '\\'>> {};
struct string_text : star<string_char> {};
struct string_close : one<'"'> {};
struct language_tag : seq<plus<alpha>, star<one<'-'>, plus<alnum>>> {};
struct language : if_must<one<'@'>, language_tag> {};
struct datatype_name : seq<identifier, one<':'>, star<letter_or_digit>> {};
struct datatype_iri : sor<iri, datatype_name> {};
struct datatype : if_must<two<'^'>, datatype_iri> {};
struct string_literal
    : seq<if_must<one<'"'>, string_text, string_close>, opt<sor<language, datatype>>> {};

struct blank_label : plus<sor<letter_or_digit, one<'-'>>> {};
struct blank_node : seq<one<'_'>, one<':'>, blank_label> {};
struct anything : seq<one<'_'>, not_at<sor<letter_or_digit, one<':'>>>> {};

// A bare name: words and balanced parentheses, up to `,` or the closing `)`.
struct group_gap : sor<seq<plus<space_char>, not_at<sor<variable_mark, comment_mark>>>,
                       seq<one<','>, not_at<variable_mark>>> {};
struct group_char : not_one<'(', ')', ';', '{', '}', ',', ' ', '\t', '\n', '\r', '\v', '\f'> {};
struct name_group;
struct group_part : sor<name_group, group_gap, group_char> {};
struct name_group : seq<one<'('>, not_at<variable_mark>, star<group_part>, one<')'>> {};
struct word_char : not_one<'(', ')', ';', '{', '}', ',', ' ', '\t', '\n', '\r', '\v', '\f'> {};
struct word : plus<sor<name_group, word_char>> {};
struct word_gap : seq<plus<space_char>, not_at<sor<variable_mark, comment_mark>>> {};
struct bare_start : not_at<sor<one<'(', '"', '<', '$', '`'>, variable_mark, comment_mark>> {};
struct bare : seq<bare_start, word, star<word_gap, word>> {};

// `_` in all of a place, not as the first letter of a name.
struct whole_anything : seq<anything, at<ws, sor<one<',', ')', '}'>, eof>>> {};
struct term
    : sor<variable, parameter, quoted_name, string_literal, iri, blank_node, whole_anything, bare> {
};
struct subject_term : term {};
struct object_term : term {};
struct time_term : sor<variable, parameter, whole_anything, bare> {};
struct name_term : sor<parameter, quoted_name, iri, blank_node, bare> {};

// --- Predicate paths ---
struct path_word_char : not_one<'(', ')', ';', '{', '}', ',', ' ', '\t', '\n', '\r', '\v', '\f',
                                '/', '|', '^', '+', '*', '?', '!'> {};
struct path_word : plus<path_word_char, star<name_group>> {};
struct path_gap : seq<plus<space_char>, not_at<comment_mark>> {};
// After a gap a word may begin with a parenthesis: it belongs to the name.
struct path_next_word : seq<star<name_group>, sor<path_word, at<not_at<one<'('>>>>> {};
struct path_more : seq<path_gap, sor<path_word, seq<plus<name_group>, opt<path_word>>>> {};
struct path_name : seq<bare_start, path_word, star<path_more>> {};

struct path;
struct path_close : one<')'> {};
struct path_inner : seq<ws, path, ws> {};
struct path_group : if_must<one<'('>, path_inner, path_close> {};
struct path_unary;
struct path_not : if_must<one<'!'>, path_unary> {};
struct path_inverse : if_must<one<'^'>, path_unary> {};
struct path_any : seq<one<'_'>, not_at<sor<letter_or_digit, one<':'>>>> {};
struct path_plus : one<'+'> {};
struct path_star : one<'*'> {};
struct path_maybe : one<'?'> {};
struct path_least : plus<digit> {};
struct path_most : plus<digit> {};
struct path_comma : one<','> {};
struct path_times_close : one<'}'> {};
struct path_times
    : if_must<one<'{'>, path_least, opt<path_comma, opt<path_most>>, path_times_close> {};
struct path_sign : sor<path_plus, path_star, path_maybe, path_times> {};
struct path_atom : sor<path_group, iri, quoted_name, path_any, path_name> {};
struct path_repeat : seq<path_atom, opt<path_sign>> {};
struct path_variable : sor<variable, parameter> {};
struct path_unary : sor<path_not, path_inverse, path_variable, path_repeat> {};
struct path_slash : seq<ws, one<'/'>, ws> {};
struct path_bar : seq<ws, one<'|'>, ws> {};
struct path_step_after : seq<path_unary> {};
struct path_sequence : seq<path_unary, star<if_must<path_slash, path_step_after>>> {};
struct path_sequence_after : path_sequence {};
struct path : seq<path_sequence, star<if_must<path_bar, path_sequence_after>>> {};

// --- Patterns ---
struct comma_after_subject : one<','> {};
struct comma_after_predicate : one<','> {};
struct predicate_term : path {};
struct pattern_close : one<')'> {};
struct time_place : time_term {};
struct tuple : if_must<one<'('>, ws, subject_term, ws, comma_after_subject, ws, predicate_term, ws,
                       comma_after_predicate, ws, object_term, ws,
                       opt_must<one<','>, ws, time_place, ws>, pattern_close> {};

struct key_end : seq<one<':'>, sor<space_char, eof>> {};
struct key_char : seq<not_at<key_end>, not_one<',', '{', '}', ';', '(', ')'>> {};
struct key_bare : plus<sor<key_char, name_group>> {};
struct qualifier_key : sor<quoted_name, iri, variable, parameter, key_bare> {};
struct qualifier_colon : one<':'> {};
struct qualifier_value : term {};
struct qualifier : if_must<qualifier_key, ws, qualifier_colon, ws, qualifier_value> {};
struct qualifier_after_comma : qualifier {};
struct qualifiers_close : one<'}'> {};
struct qualifier_list
    : seq<qualifier, star<seq<ws, if_must<one<','>, ws, qualifier_after_comma>>>> {};
struct qualifiers : if_must<one<'{'>, ws, opt<qualifier_list>, ws, qualifiers_close> {};

struct name_in_parentheses : name_term {};
struct name_close : one<')'> {};
struct name_place : if_must<one<'('>, ws, name_in_parentheses, ws, name_close> {};
struct name_place_must : name_place {};
struct source_value : sor<variable, anything, parameter, name_place> {};
struct from_clause : if_must<kw_from, ws, source_value> {};
// `as of` begins a clause of the question.
struct as_keyword_alone : seq<kw_as, not_at<spaces, kw_of>> {};
struct as_variable : variable {};
struct as_fact : if_must<as_keyword_alone, ws, as_variable> {};
struct pattern_part : seq<ws, sor<qualifiers, from_clause, as_fact>> {};
struct pattern : seq<tuple, star<pattern_part>> {};

// --- Expressions ---
struct expression;  // with `and` and `or`
struct comparison;  // without
struct date_tail
    : seq<one<'-'>, digit, star<sor<digit, one<':', 'T', 'Z'>, seq<one<'-', '+'>, at<digit>>>>> {};
struct year : seq<opt<one<'-'>>, rep_min<4, digit>> {};
struct date_or_year : seq<year, opt<date_tail>> {};
struct time_literal : seq<sor<seq<two<'.'>, date_or_year>,
                              seq<date_or_year, two<'.'>, opt<date_or_year>>, seq<year, date_tail>>,
                          not_at<letter_or_digit>> {};
struct number_literal
    : seq<plus<digit>, opt<one<'.'>, plus<digit>>,
          opt<one<'e', 'E'>, opt<one<'+', '-'>>, plus<digit>>, not_at<letter_or_digit>> {};
struct duration_amount : plus<digit> {};
struct duration_unit
    : seq<sor<string<'s', 'e', 'c', 'o', 'n', 'd'>, string<'m', 'i', 'n', 'u', 't', 'e'>,
              string<'h', 'o', 'u', 'r'>, string<'d', 'a', 'y'>, string<'w', 'e', 'e', 'k'>,
              string<'m', 'o', 'n', 't', 'h'>, string<'y', 'e', 'a', 'r'>>,
          opt<one<'s'>>, not_at<letter_or_digit>> {};
struct duration : seq<duration_amount, spaces, duration_unit> {};
struct boolean_literal : sor<keyword<'t', 'r', 'u', 'e'>, keyword<'f', 'a', 'l', 's', 'e'>> {};

// Words that structure a question, and those that begin a statement, call no function.
struct clause_word
    : sor<kw_and, kw_as, kw_asc, kw_by, kw_desc, kw_distinct, kw_every, kw_exists, kw_find, kw_from,
          kw_having, kw_in, kw_let, kw_limit, kw_not, kw_offset, kw_optional, kw_or, kw_order,
          kw_possibly, kw_published, kw_where, kw_with> {};
struct statement_word
    : sor<kw_add, kw_alias, kw_begin, kw_check, kw_coalesced, kw_commit, kw_conflicts, kw_describe,
          kw_drop, kw_explain, kw_export, kw_history, kw_load, kw_merge, kw_prefix, kw_profile,
          kw_remove, kw_rollback, kw_rule, kw_shortest, kw_show, kw_source, kw_timeline, kw_unmerge,
          kw_why, kw_withdraw> {};

struct call_name : seq<not_at<sor<clause_word, statement_word>>, identifier> {};
struct call_star : one<'*'> {};
struct unit_word : seq<identifier, at<ws, one<')', ','>>> {};
struct call_argument : sor<boolean_literal, unit_word, expression> {};
struct call_argument_after : call_argument {};
struct call_by_value : seq<expression> {};
struct call_by : if_must<kw_by, ws, call_by_value> {};
struct call_arguments
    : seq<call_argument, star<seq<ws, if_must<one<','>, ws, call_argument_after>>>,
          opt<ws, call_by>> {};
struct call_distinct : seq<kw_distinct, ws> {};
struct call_close : one<')'> {};
struct call_open : seq<ws, one<'('>> {};
// Looks ahead, so that a fault is at the begin of a word that is no call.
struct call
    : seq<at<identifier, call_open>, call_name,
          if_must<call_open, ws, opt<sor<call_star, seq<opt<call_distinct>, call_arguments>>>, ws,
                  call_close>> {};

struct formula;
struct braces_open : one<'{'> {};
struct braces_close : one<'}'> {};
struct formula_in_braces : seq<formula> {};
struct exists_expression
    : if_must<seq<kw_exists, ws, one<'{'>>, ws, formula_in_braces, ws, braces_close> {};
struct expression_in_parentheses : seq<expression> {};
struct parenthesis_close : one<')'> {};
struct parenthesized : if_must<one<'('>, ws, expression_in_parentheses, ws, parenthesis_close> {};
struct primary : sor<parenthesized, variable, parameter, quoted_name, string_literal, iri, duration,
                     time_literal, number_literal, exists_expression, boolean_literal, call> {};
struct unary_operand;
struct negation : seq<one<'-'>, not_at<one<'-'>>, ws, unary_operand> {};
struct unary : sor<time_literal, negation, primary> {};
struct unary_operand : unary {};
struct factor_operator : one<'*', '/', '%'> {};
struct factor_after : unary {};
struct product : seq<unary, star<seq<ws, if_must<factor_operator, ws, factor_after>>>> {};
struct term_operator : sor<one<'+'>, seq<one<'-'>, not_at<one<'-'>>>> {};
struct product_after : product {};
struct sum : seq<product, star<seq<ws, if_must<term_operator, ws, product_after>>>> {};
struct compare_operator
    : sor<string<'!', '='>, string<'<', '='>, string<'>', '='>, one<'='>, one<'<'>, one<'>'>> {};
struct time_operator : sor<kw_before, kw_after, kw_overlaps, kw_equals> {};
struct in_operator : kw_in {};
struct list_item : term {};
struct list_item_after : term {};
struct list_close : one<')'> {};
struct list_items : seq<list_item, star<seq<ws, if_must<one<','>, ws, list_item_after>>>> {};
struct in_list : if_must<one<'('>, ws, list_items, ws, list_close> {};
struct sum_after : sum {};
struct in_right : sor<in_list, sum> {};
struct compare_tail : if_must<sor<compare_operator, time_operator>, ws, sum_after> {};
struct in_tail : if_must<in_operator, ws, in_right> {};
struct plain_comparison : seq<sum, opt<ws, sor<compare_tail, in_tail>>> {};
struct possible_operand : plain_comparison {};
struct possibly : if_must<kw_possibly, ws, possible_operand> {};
struct comparison : sor<possibly, plain_comparison> {};
struct not_operand;
struct not_expression : if_must<kw_not, ws, not_operand> {};
struct logical_unary : sor<not_expression, comparison> {};
struct not_operand : logical_unary {};
struct conjunct_after : logical_unary {};
struct conjunction : seq<logical_unary, star<seq<ws, if_must<kw_and, ws, conjunct_after>>>> {};
struct disjunct_after : conjunction {};
struct expression : seq<conjunction, star<seq<ws, if_must<kw_or, ws, disjunct_after>>>> {};

// --- Formulas ---
struct find_question;
struct find_in_braces : seq<at<kw_find>, find_question> {};
struct braces_inner : sor<find_in_braces, formula_in_braces> {};
struct braces : if_must<braces_open, ws, braces_inner, ws, braces_close> {};
struct let_variable : variable {};
struct let_equals : one<'='> {};
struct let_value : comparison {};
struct let : if_must<kw_let, ws, let_variable, ws, let_equals, ws, let_value> {};
struct tuple_must : tuple {};
struct shortest_order : seq<kw_in, spaces, kw_time, spaces, kw_order> {};
struct as_keyword : kw_as {};

struct shortest : if_must<kw_shortest, ws, tuple_must, ws, opt<shortest_order, ws>, as_keyword, ws,
                          as_variable> {};
struct coalesced : if_must<kw_coalesced, ws, tuple_must> {};
struct every_unit : identifier {};
struct every_in : kw_in {};
struct every_window : sum {};
struct every : if_must<kw_every, ws, every_unit, ws, every_in, ws, every_window, ws, as_keyword, ws,
                       as_variable> {};
struct condition : seq<not_at<one<'('>>, comparison> {};
struct formula_unary;
struct formula_after_not : seq<formula_unary> {};
struct formula_after_optional : seq<formula_unary> {};
struct not_formula : if_must<kw_not, ws, formula_after_not> {};
struct optional_formula : if_must<kw_optional, ws, formula_after_optional> {};
struct formula_unary : sor<pattern, braces, not_formula, optional_formula, let, shortest, coalesced,
                           every, condition> {};
struct formula_after_and : seq<formula_unary> {};
struct and_formula : seq<formula_unary, star<seq<ws, if_must<kw_and, ws, formula_after_and>>>> {};
struct formula_after_or : and_formula {};
struct formula : seq<and_formula, star<seq<ws, if_must<kw_or, ws, formula_after_or>>>> {};

// --- Questions ---
struct column_name : sor<variable, seq<not_at<clause_word>, identifier>> {};
struct find_value : expression {};
struct find_as : if_must<as_keyword_alone, ws, column_name> {};
struct find_item : seq<find_value, opt<ws, find_as>> {};
struct find_item_after : find_item {};
struct first_find_item : find_item {};
struct find_items : seq<first_find_item, star<seq<ws, if_must<one<','>, ws, find_item_after>>>> {};
struct where_formula : formula {};
struct where_clause : if_must<kw_where, ws, where_formula> {};
struct having_value : expression {};
struct having_clause : if_must<kw_having, ws, having_value> {};
struct by_keyword : kw_by {};
struct descending : kw_desc {};
struct ascending : kw_asc {};
struct column_reference : seq<identifier, not_at<ws, one<'('>>> {};
struct order_value : sor<column_reference, expression> {};
struct order_item : seq<order_value, opt<ws, sor<descending, ascending>>> {};
struct order_item_after : order_item {};
struct first_order_item : order_item {};
struct order_clause : if_must<kw_order, ws, by_keyword, ws, first_order_item,
                              star<seq<ws, if_must<one<','>, ws, order_item_after>>>> {};
struct row_count : sor<parameter, seq<opt<one<'-'>>, plus<digit>, not_at<letter_or_digit>>> {};
struct limit_count : row_count {};
struct offset_count : row_count {};
struct ties_keyword : kw_ties {};
struct with_ties : if_must<kw_with, ws, ties_keyword> {};
struct limit_clause : if_must<kw_limit, ws, limit_count, opt<ws, with_ties>> {};
struct offset_clause : if_must<kw_offset, ws, offset_count> {};
struct as_of_value : sum {};
struct as_of_clause : if_must<seq<kw_as, spaces, kw_of>, ws, as_of_value> {};
struct published_by : kw_by {};
struct published_value : sum {};
struct published_clause : if_must<kw_published, ws, published_by, ws, published_value> {};
struct clauses : seq<opt<ws, having_clause>, opt<ws, order_clause>, opt<ws, limit_clause>,
                     opt<ws, offset_clause>, opt<ws, as_of_clause>, opt<ws, published_clause>> {};
struct find_question : seq<if_must<kw_find, ws, find_items>, opt<ws, where_clause>, clauses> {};
struct formula_question : seq<formula, clauses> {};
struct question : sor<seq<at<kw_find>, find_question>, formula_question> {};
struct question_must : question {};

// --- Statements ---
struct describe : if_must<kw_describe, ws, name_place_must> {};
struct timeline_open : one<'('> {};
struct timeline : if_must<kw_timeline, ws, timeline_open, ws, name_in_parentheses, ws,
                          opt_must<one<','>, ws, time_place, ws>, name_close> {};
struct why : if_must<kw_why, ws, question_must> {};
struct explain : if_must<kw_explain, ws, question_must> {};
struct profile : if_must<kw_profile, ws, question_must> {};
struct history : if_must<kw_history, ws, tuple_must> {};
struct conflicts : if_must<kw_conflicts, ws, name_place_must> {};
struct show_what : identifier {};
struct show : if_must<kw_show, ws, show_what> {};

struct fact : pattern {};
struct first_fact : fact {};
struct more_facts : star<seq<ws, fact>> {};
struct add : if_must<kw_add, ws, first_fact, more_facts> {};
struct remove : if_must<kw_remove, ws, first_fact, more_facts, opt<ws, where_clause>> {};
struct withdraw : if_must<kw_withdraw, ws, name_place_must> {};
struct begin_statement : kw_begin {};
struct commit_statement : kw_commit {};
struct rollback_statement : kw_rollback {};

struct prefix_name : opt<seq<identifier, star<sor<letter_or_digit, one<'-'>>>>> {};
struct prefix_colon : one<':'> {};
struct prefix_iri : iri {};
struct prefix : if_must<kw_prefix, ws, prefix_name, prefix_colon, ws, prefix_iri> {};
struct source : if_must<kw_source, ws, name_place_must, opt<ws, qualifiers>> {};
struct alias_text : string_literal {};
struct alias_text_after : string_literal {};
struct alias : if_must<kw_alias, ws, name_place_must, ws, alias_text,
                       star<seq<ws, if_must<one<','>, ws, alias_text_after>>>> {};
struct qualifiers_must : qualifiers {};
// predicate(?f) is a function.
struct predicate_keyword : seq<kw_predicate, not_at<ws, one<'('>, ws, variable>> {};
struct predicate : if_must<predicate_keyword, ws, name_place_must, ws, qualifiers_must> {};
struct block_open : one<'{'> {};
struct block_close : one<'}'> {};
struct block_facts : opt<fact, more_facts> {};
struct from_block
    : if_must<kw_from, ws, name_place_must, ws, block_open, ws, block_facts, ws, block_close> {};
struct into_keyword : kw_into {};
struct merge : if_must<kw_merge, ws, name_place_must, ws, into_keyword, ws, name_place_must> {};
struct unmerge : if_must<kw_unmerge, ws, name_place_must> {};
struct if_keyword : kw_if {};
struct rule_formula : formula {};
struct rule : if_must<kw_rule, ws, tuple_must, ws, if_keyword, ws, rule_formula> {};
struct rule_keyword : kw_rule {};
struct drop_rule : if_must<kw_drop, ws, rule_keyword, ws, name_place_must> {};

struct file_name : string_literal {};
struct format_name : identifier {};
struct format_clause : if_must<kw_format, ws, format_name> {};
struct column_open : one<'('> {};
struct column : sor<whole_anything, quoted_name, bare> {};
struct column_after : column {};
struct first_column : column {};
struct column_close : one<')'> {};
struct columns_clause
    : if_must<kw_as, ws, column_open, ws, first_column,
              star<seq<ws, if_must<one<','>, ws, column_after>>>, ws, column_close> {};
struct load_source : if_must<kw_from, ws, name_place_must> {};
struct error_keyword : kw_error {};
struct skip_keyword : kw_skip {};
struct report_clause : if_must<kw_report, ws, file_name> {};
struct on_error : if_must<kw_on, ws, error_keyword, ws, skip_keyword, opt<ws, report_clause>> {};
struct source_keyword : kw_source {};
struct replacing : if_must<kw_replacing, ws, source_keyword> {};
struct more_files : star<ws, if_must<one<','>, ws, file_name>> {};
struct load
    : if_must<kw_load, ws, file_name, more_files, opt<ws, format_clause>, opt<ws, columns_clause>,
              opt<ws, load_source>, opt<ws, on_error>, opt<ws, replacing>> {};
struct check : if_must<kw_check, ws, file_name> {};
struct export_find : seq<at<kw_find>, find_question> {};
struct export_statement
    : if_must<kw_export, ws, file_name, opt<ws, sor<where_clause, export_find>>> {};

struct statement : sor<describe, timeline, why, explain, profile, history, conflicts, show, add,
                       remove, withdraw, begin_statement, commit_statement, rollback_statement,
                       prefix, source, alias, predicate, from_block, merge, unmerge, rule,
                       drop_rule, load, check, export_statement, question> {};
struct statement_must : statement {};
struct statement_end : sor<one<';'>, eof> {};
struct no_statement : one<';'> {};
struct nothing_left : eof {};
// One statement with its `;`, or what is left when there is none.
struct next_statement : seq<first_ws, star<no_statement, ws>,
                            sor<nothing_left, seq<must<statement_must>, ws, must<statement_end>>>> {
};

// A statement of many facts, read part after part.
struct begin_of_add : if_must<kw_add, ws, first_fact> {};
struct begin_of_block : if_must<kw_from, ws, name_place_must, ws, block_open> {};
struct next_fact : seq<ws, fact> {};
struct end_of_add : seq<ws, must<statement_end>> {};
struct end_of_block : seq<ws, must<block_close>, ws, must<statement_end>> {};

}  // namespace annals::native::grammar

#endif  // QUERY_NATIVE_GRAMMAR_H_
