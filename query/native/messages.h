// What is said where the grammar's points of no return fail. A rule below a must without a row
// here does not compile.
#ifndef QUERY_NATIVE_MESSAGES_H_
#define QUERY_NATIVE_MESSAGES_H_

#include "query/native/grammar.h"

namespace annals::native {

template <typename Rule>
inline constexpr const char* kMessage = nullptr;

// These never fail.
template <typename... Rules>
inline constexpr const char* kMessage<tao::pegtl::opt<Rules...>> = "";
template <typename... Rules>
inline constexpr const char* kMessage<tao::pegtl::star<Rules...>> = "";
template <typename... Rules>
inline constexpr const char* kMessage<tao::pegtl::opt_must<Rules...>> = "";

#define ANNALS_MESSAGE(rule, text) \
  template <>                      \
  inline constexpr const char* kMessage<grammar::rule> = text

ANNALS_MESSAGE(ws, "");
ANNALS_MESSAGE(iri_text, "");
ANNALS_MESSAGE(string_text, "");
ANNALS_MESSAGE(more_facts, "");
ANNALS_MESSAGE(more_files, "");
ANNALS_MESSAGE(block_facts, "");
ANNALS_MESSAGE(prefix_name, "");

ANNALS_MESSAGE(
    parameter_name,
    "expected a parameter's name after '$'; a name that begins with '$' is written in backticks");
ANNALS_MESSAGE(quoted_closes, "expected a backtick that closes the name that begins here");
ANNALS_MESSAGE(quoted_close, "expected a backtick that closes the quoted name");
ANNALS_MESSAGE(iri_close,
               "expected '>' at the end of the IRI, which holds no spaces, quotes or braces");
ANNALS_MESSAGE(escape_char,
               "expected an escape: \\n, \\t, \\r, \\\", \\\\, \\uXXXX or \\UXXXXXXXX");
ANNALS_MESSAGE(
    string_close,
    "expected '\"' that closes the text on the same line; a line end inside it is written \\n");
ANNALS_MESSAGE(language_tag, "expected a language after '@', such as uk or zh-Hans");
ANNALS_MESSAGE(datatype_iri, "expected the datatype's IRI after '^^', as <...> or prefix:name");

ANNALS_MESSAGE(subject_term, "expected the subject: a name, a ?variable, or a name in backticks");
ANNALS_MESSAGE(comma_after_subject, "expected ',' after the subject");
ANNALS_MESSAGE(predicate_term,
               "expected the predicate: a name, a ?variable, or a name in backticks");
ANNALS_MESSAGE(comma_after_predicate, "expected ',' after the predicate");
ANNALS_MESSAGE(object_term, "expected the object: a name, a value, or a ?variable");
ANNALS_MESSAGE(time_place, "expected a time such as 2024-06-19, a ?variable or _");
ANNALS_MESSAGE(
    pattern_close,
    "expected ',' or ')' after the last term; a pattern has three terms, or four with a time");
ANNALS_MESSAGE(path_inner, "expected a predicate path inside the parentheses");
ANNALS_MESSAGE(path_close, "expected ')' that closes the path's group");
ANNALS_MESSAGE(path_unary, "expected a predicate after this sign");
ANNALS_MESSAGE(path_least, "expected a number of repetitions, as {2} or {2,4}");
ANNALS_MESSAGE(path_times_close, "expected '}' after the number of repetitions");
ANNALS_MESSAGE(path_step_after, "expected a predicate after '/'");
ANNALS_MESSAGE(path_sequence_after, "expected a predicate after '|'");
ANNALS_MESSAGE(qualifier_colon, "expected ': ' after the qualifier's name, as {place: Pyongyang}");
ANNALS_MESSAGE(qualifier_value, "expected the qualifier's value");
ANNALS_MESSAGE(qualifier_after_comma, "expected another qualifier after ',', as topic: trade");
ANNALS_MESSAGE(qualifiers_close, "expected ',' or '}' after the qualifier");
ANNALS_MESSAGE(name_in_parentheses, "expected a name");
ANNALS_MESSAGE(name_close, "expected ')' after the name");
ANNALS_MESSAGE(name_place_must, "expected a name in parentheses, as (Kim Jong-un)");
ANNALS_MESSAGE(source_value,
               "expected a source after 'from': a name in parentheses, a ?variable or _");

ANNALS_MESSAGE(call_by_value, "expected what to order by");
ANNALS_MESSAGE(call_argument_after,
               "expected another argument after ','; a name is written in backticks here");
ANNALS_MESSAGE(call_close,
               "expected ',' or ')' after the argument; a name is written in backticks here");
ANNALS_MESSAGE(formula_in_braces, "expected a pattern, condition or question inside the braces");
ANNALS_MESSAGE(braces_inner, "expected a pattern, condition or question inside the braces");
ANNALS_MESSAGE(braces_close, "expected 'and', 'or' or '}'");
ANNALS_MESSAGE(expression_in_parentheses, "expected a value; a name is written in backticks here");
ANNALS_MESSAGE(parenthesis_close, "expected ')'");
ANNALS_MESSAGE(factor_after,
               "expected a value after this operator; a name is written in backticks here");
ANNALS_MESSAGE(product_after,
               "expected a value after this operator; a name is written in backticks here");
ANNALS_MESSAGE(sum_after,
               "expected a value after this operator; a name is written in backticks here");
ANNALS_MESSAGE(in_right, "expected a time, or a list in parentheses, after 'in'");
ANNALS_MESSAGE(list_items, "expected a value in the list");
ANNALS_MESSAGE(list_item_after, "expected another value after ','");
ANNALS_MESSAGE(list_close, "expected ',' or ')' in the list");
ANNALS_MESSAGE(possible_operand,
               "expected a comparison of times after 'possibly', as ?t before 2024-06");
ANNALS_MESSAGE(not_operand, "expected a condition after 'not'");
ANNALS_MESSAGE(conjunct_after, "expected a condition after 'and'");
ANNALS_MESSAGE(disjunct_after, "expected a condition after 'or'");

ANNALS_MESSAGE(let_variable, "expected a ?variable after 'let'");
ANNALS_MESSAGE(let_equals, "expected '=' after the variable");
ANNALS_MESSAGE(let_value, "expected a value after '='; a name is written in backticks here");
ANNALS_MESSAGE(tuple_must, "expected a pattern, as (Kim Jong-un, met, ?who)");
ANNALS_MESSAGE(as_keyword, "expected 'as' and a ?variable");
ANNALS_MESSAGE(as_variable, "expected a ?variable after 'as'");
ANNALS_MESSAGE(every_unit, "expected a unit after 'every': day, week, month or year");
ANNALS_MESSAGE(every_in, "expected 'in' and a time");
ANNALS_MESSAGE(every_window, "expected a time after 'in'");
ANNALS_MESSAGE(formula_after_not, "expected a pattern or condition after 'not'");
ANNALS_MESSAGE(formula_after_optional, "expected a pattern after 'optional'");
ANNALS_MESSAGE(formula_after_and, "expected a pattern or condition after 'and'");
ANNALS_MESSAGE(formula_after_or, "expected a pattern or condition after 'or'");

ANNALS_MESSAGE(find_items,
               "expected what to find: a ?variable, or an expression with 'as' and a name");
ANNALS_MESSAGE(find_item_after, "expected another column after ','");
ANNALS_MESSAGE(column_name, "expected a column's name after 'as', which is no keyword");
ANNALS_MESSAGE(where_formula, "expected a pattern or condition after 'where'");
ANNALS_MESSAGE(having_value, "expected a condition after 'having', as ?n > 2");
ANNALS_MESSAGE(by_keyword, "expected 'by' after 'order'");
ANNALS_MESSAGE(first_order_item, "expected what to order by");
ANNALS_MESSAGE(order_item_after, "expected what else to order by");
ANNALS_MESSAGE(limit_count, "expected a number of rows");
ANNALS_MESSAGE(offset_count, "expected a number of rows");
ANNALS_MESSAGE(ties_keyword, "expected 'ties' after 'with'");
ANNALS_MESSAGE(as_of_value, "expected a time after 'as of'");
ANNALS_MESSAGE(published_by, "expected 'by' after 'published'");
ANNALS_MESSAGE(published_value, "expected a time after 'published by'");
ANNALS_MESSAGE(question_must, "expected a question: a pattern, or find ... where ...");

ANNALS_MESSAGE(timeline_open, "expected a name in parentheses, as timeline (Kim Jong-un, 2024)");
ANNALS_MESSAGE(show_what, "expected what to show: predicates, sources, aliases or rules");
ANNALS_MESSAGE(first_fact, "expected a fact, as (Ada, born, London, 1815-12-10)");
ANNALS_MESSAGE(prefix_colon,
               "expected the prefix with ':', as prefix wd: <http://www.wikidata.org/entity/>");
ANNALS_MESSAGE(prefix_iri, "expected the IRI that the prefix stands for, in < and >");
ANNALS_MESSAGE(alias_text, "expected a spelling in quotes, as \"Kim Jong Un\" or \"김정은\"@ko");
ANNALS_MESSAGE(alias_text_after, "expected another spelling in quotes after ','");
ANNALS_MESSAGE(qualifiers_must, "expected what is declared, as {is: symmetric}");
ANNALS_MESSAGE(block_open, "expected '{' before the facts of this source");
ANNALS_MESSAGE(block_close, "expected a fact in parentheses, or '}' after the last one");
ANNALS_MESSAGE(into_keyword, "expected 'into' and a name in parentheses");
ANNALS_MESSAGE(if_keyword, "expected 'if' after the rule's head");
ANNALS_MESSAGE(rule_formula, "expected a pattern or condition after 'if'");
ANNALS_MESSAGE(rule_keyword, "expected 'rule' after 'drop'");
ANNALS_MESSAGE(file_name, "expected a file's name in quotes, as \"events.csv\"");
ANNALS_MESSAGE(format_name, "expected a format, such as csv");
ANNALS_MESSAGE(column_open,
               "expected the columns in parentheses, as (subject, predicate, object, time)");
ANNALS_MESSAGE(
    first_column,
    "expected a column: subject, predicate, object, time, source, _ or a qualifier's name");
ANNALS_MESSAGE(column_after, "expected another column after ','");
ANNALS_MESSAGE(column_close, "expected ',' or ')' after the column");
ANNALS_MESSAGE(error_keyword, "expected 'error skip' after 'on'");
ANNALS_MESSAGE(skip_keyword, "expected 'skip' after 'on error'");
ANNALS_MESSAGE(source_keyword, "expected 'source' after 'replacing'");
ANNALS_MESSAGE(
    statement_must,
    "expected a question such as (?who, met, ?whom), or a statement such as add, load or show");
ANNALS_MESSAGE(statement_end, "expected ';' or the end of the statement");

#undef ANNALS_MESSAGE

}  // namespace annals::native

#endif  // QUERY_NATIVE_MESSAGES_H_
